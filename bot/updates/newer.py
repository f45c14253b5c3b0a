"""Whether what waits behind a question makes the answer pointless that grows, so that nobody pays for its rest.

Only what will be answered instead does: a changed question, or where new questions replace old ones, a new one
of the same person. Telegram also tells of changes to what is not the text, such as previews; and what a group
says to others is no question.
"""

import json
from collections.abc import Sequence

from aiogram.types import Message, Update, User
from pydantic import ValidationError

from bot.running import StopSwitch
from bot.types import Part
from bot.updates.addressing import is_question, question_in
from bot.updates.arrivals import Arrival
from bot.updates.units import is_forward


def may_outdate(arrival: Arrival, switch: StopSwitch) -> bool:
    """Whether it is worth looking what has arrived."""
    if arrival.kind == "edited_message":
        return any(part.message_id == arrival.message_id for part in switch.parts)
    return arrival.kind == "message" and switch.gives_way and arrival.sender_id == switch.growing.asker_id


def is_outdated(switch: StopSwitch, waiting: Sequence[str], me: User) -> bool:
    """Whether one of the updates that wait, as JSON and in order, makes the answer pointless."""
    is_next = True
    for update in map(_parsed, waiting):
        changed, message = update and update.edited_message, update and update.message
        # A change behind another question comes too late: by then that one is the newest.
        if changed and is_next and _is_other_question(changed, switch.parts, me):
            return True
        if message and switch.gives_way and _is_by_asker(message, switch) and is_question(message, me):
            return True
        is_next = is_next and changed is not None
    return False


def _parsed(raw: str) -> Update | None:
    try:
        return Update.model_validate(json.loads(raw))
    except ValidationError:
        return None


def _is_other_question(changed: Message, parts: Sequence[Part], me: User) -> bool:
    """Whether a message of the question was changed into another one that will be answered."""
    part = next((part for part in parts if part.message_id == changed.message_id), None)
    if part is None or not is_question(changed, me):
        return False
    text = question_in(changed, me)
    if len(parts) > 1:
        return text != part.text and not is_forward(changed)
    return bool(changed.text and text) and text != part.text


def _is_by_asker(message: Message, switch: StopSwitch) -> bool:
    sender = message.sender_chat or message.from_user
    return sender is not None and sender.id == switch.growing.asker_id
