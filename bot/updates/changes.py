"""What becomes of a part of a question when its message is changed."""

from dataclasses import replace

from aiogram.types import Message, User

from bot.types import Part
from bot.updates.addressing import question_in
from bot.updates.pictures import photos_after


def changed_part(part: Part, message: Message, me: User) -> Part:
    """Return the part as it is now; equal to what it was, if Telegram tells of something else that changed."""
    return replace(part, text=question_in(message, me), photos=photos_after(message, part.photos))
