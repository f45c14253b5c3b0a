"""Whether what waits behind a question makes the answer pointless that grows, so that nobody pays for its rest.

Only what will be answered instead does: a changed question, or where new questions replace old ones, a new one
of the same person. Telegram also tells of changes to what nobody wrote, such as previews; and what a group says
to others is no question. What has neither text nor picture cannot be answered, and what was sent in one go with
the question but came too late to be answered with it belongs to it.
"""

from collections.abc import Sequence

from aiogram.types import Message, User

from bot.running import StopSwitch
from bot.types import Part
from bot.updates.addressing import is_plain, is_question
from bot.updates.arrivals import Arrival
from bot.updates.changes import changed_part
from bot.updates.pictures import is_readable
from bot.updates.runs import parsed
from bot.updates.units import belongs, is_forward, messages_in, sender_id


def may_outdate(arrival: Arrival, switch: StopSwitch) -> bool:
    """Whether it is worth looking what has arrived."""
    if arrival.kind == "edited_message":
        return any(part.message_id == arrival.message_id for part in switch.parts)
    return arrival.kind == "message" and switch.gives_way and arrival.sender_id == switch.growing.asker_id


def is_outdated(switch: StopSwitch, waiting: Sequence[str], me: User, *, last: str = "") -> bool:
    """Whether one of the updates that wait, as JSON and in order, makes the answer pointless.

    `last` is the newest of those that are being answered; empty: not known.
    """
    updates = [parsed(raw) for raw in waiting]
    # A change behind another question comes too late: by then that one is the newest.
    for update in updates:
        if update is None or update.edited_message is None:
            break
        if _is_other_question(update.edited_message, switch.parts, me):
            return True
    if not switch.gives_way:
        return False
    said = [update.message for update in updates if update and update.message]
    return _is_replaced([message for message in said if _is_by_asker(message, switch)], last, me)


def _is_other_question(changed: Message, parts: Sequence[Part], me: User) -> bool:
    """Whether a message of the question was changed into another one that will be answered."""
    part = next((part for part in parts if part.message_id == changed.message_id), None)
    if part is None:
        return False
    now = changed_part(part, changed, me)
    if len(parts) > 1:  # then it need not call the bot by itself
        return now != part and is_plain(changed) and not is_forward(changed)
    if not is_question(changed, me):
        return False
    return is_readable(changed) and bool(now.text or now.photos) and now != part


def _is_by_asker(message: Message, switch: StopSwitch) -> bool:
    return sender_id(message) == switch.growing.asker_id


def _is_replaced(said: Sequence[Message], last: str, me: User) -> bool:
    """Whether the asker has said something that is a question of its own."""
    answered = parsed(last) if said and last else None
    unit = [*messages_in([answered])] if answered else []
    for message in said:
        if unit and belongs(unit, message):
            unit.append(message)
        elif is_readable(message) and is_question(message, me):
            return True
    return False
