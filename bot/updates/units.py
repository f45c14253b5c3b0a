"""What people send in one go though Telegram delivers it in several messages: these are answered as one.

A long text that the client cut, an album, and what is forwarded together with a comment. Telegram marks nothing
but albums as belonging together, so the others are known by their order, their sender and their time.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from aiogram.types import Message, Update

CUT_UNITS = 4000
"""A text of so many UTF-16 units was probably cut by the client: a message holds 4096."""
MOST_IN_ALBUM = 10
_LIMIT_UNITS = 4096
_AT_ONCE = timedelta(seconds=2)
"""Between two messages that were sent in one go; Telegram tells whole seconds."""
_BREAKS = ("\n\n", "\n", " ")
"""Where clients like to cut, best first; the server then takes blanks off both ends."""


def messages_in(updates: Iterable[Update]) -> tuple[Message, ...]:
    """Return the messages in order, each as it was changed last."""
    messages: dict[int, Message] = {}
    for update in updates:
        if message := update.message or update.edited_message:
            messages[message.message_id] = message
    return tuple(messages.values())


def units(messages: Iterable[Message]) -> list[list[Message]]:
    """Return the messages of one sender in groups that were sent in one go."""
    found: list[list[Message]] = []
    for message in messages:
        if found and belongs(found[-1], message):
            found[-1].append(message)
        else:
            found.append([message])
    return found


def belongs(unit: Sequence[Message], message: Message) -> bool:
    """Whether the next message of the same sender was sent in one go with those before it."""
    last = unit[-1]
    if is_same_album(last, message):
        return True
    if not timedelta(0) <= message.date - last.date <= _AT_ONCE:
        return False
    if is_forward(message):
        return True
    return all(map(is_forward, unit)) if is_forward(last) else follows(last, message)


def whole_text(messages: Sequence[Message]) -> str:
    """Return the text, or the caption, that was sent in one go, as it was before it was cut."""
    first, *rest = messages
    text = before = first.text or first.caption or ""
    for message in rest:
        if message.text:
            text += gap(before, message.text) + message.text
            before = message.text
    return text


def sender_id(message: Message) -> int | None:
    """Return in whose name a message was written: a group's or channel's, else the person's.

    Telegram gives all who write in the name of a chat the same user.
    """
    sender = message.sender_chat or message.from_user
    return sender.id if sender else None


def is_forward(message: Message) -> bool:
    """Whether somebody else's words, or older ones, were sent on."""
    return message.forward_origin is not None


def is_same_album(one: Message, other: Message) -> bool:
    """Whether both were sent in one album; what that replies to, each of them does."""
    return one.media_group_id is not None and one.media_group_id == other.media_group_id


def is_torn(unit: Sequence[Message]) -> bool:
    """Whether more of it is probably on its way: the rest of a cut text, or of an album."""
    last = unit[-1]
    album = [message for message in unit if is_same_album(message, last)]
    return len(album) < MOST_IN_ALBUM if album else is_cut(last)


def is_cut(message: Message) -> bool:
    """Whether the text was probably cut by the client."""
    return not is_forward(message) and _units(message.text or "") >= CUT_UNITS


def follows(before: Message, after: Message) -> bool:
    """Whether a text goes on where another one was cut.

    Some clients go back for a good place to cut, but never beyond the middle of a message. After such a short
    part nothing is waited for, but if more was sent at once, it belongs to it.
    """
    return bool(after.text) and _units(before.text or "") > _LIMIT_UNITS // 2


def gap(before: str, after: str) -> str:
    """Return what stood between two parts of a text before it was cut.

    Blanks that are still there stay. If the rest began with a character that found no place, nothing was lost;
    else the client went back to a break, and the blanks there are gone: the greatest kind of break that the cut
    part has in its second half, because that is what clients look for. A single blank at which a client cut
    without looking for it cannot be known.
    """
    ending, beginning = before[len(before.rstrip()) :], after[: len(after) - len(after.lstrip())]
    if ending or beginning or _units(before + after[:1]) > _LIMIT_UNITS:
        return ending + beginning
    second_half = before[len(before) // 2 :]
    return next((one for one in _BREAKS if one in second_half), "")


def _units(text: str) -> int:
    return len(text) + sum(character > "\uffff" for character in text)
