"""The catch-all: whatever else is written or shown to the bot is a question to the model.

Messages that came together are one question, in which each keeps what it refers to.
"""

from collections.abc import Sequence
from dataclasses import replace

from aiogram import Router
from aiogram.types import Message, User

from bot.conversation import Conversations
from bot.ports import Notices
from bot.question import Question
from bot.types import Part
from bot.updates.addressing import is_question, question_in
from bot.updates.introductions import Visit
from bot.updates.pictures import is_readable, photos_meant, photos_of
from bot.updates.quoting import own_message_meant, quote_in, shortened, text_of
from bot.updates.units import gap, is_forward, is_same_album, units


def build_router() -> Router:
    """Return a router of this feature."""
    router = Router(name=__name__)
    router.message.register(answer, is_for_the_bot)
    return router


async def is_for_the_bot(message: Message, me: User) -> bool:
    """Whether the message calls the bot and says something; commands and the events of a chat do not."""
    return is_question(message, me)


async def answer(
    _message: Message,
    together: Sequence[Message],
    me: User,
    visit: Visit,
    conversations: Conversations,
    notices: Notices,
) -> None:
    """Ask the model; what has neither text nor pictures gets a sentence instead."""
    parts = [part for unit in units(together) for part in await _parts(unit, me, visit, conversations)]
    can_be_read = any(map(is_readable, together))
    if not (can_be_read and any(part.text or part.quote or part.photos for part in parts)):
        await notices.say(visit.place, not_a_question(visit, can_be_read=can_be_read))
        return
    await conversations.answer(question_from(together, parts, visit))
    if not all(map(_is_read, together)):
        await notices.remark(visit.place, visit.phrases.unreadable)


async def quote_for(message: Message, me: User, visit: Visit, conversations: Conversations) -> str:
    """Return what the message refers to, unless the model reads it anyway, as the answer before."""
    own = own_message_meant(message, me)
    if own is not None and await conversations.is_in_sight(visit.place, own):
        return ""
    return quote_in(message)


def question_from(together: Sequence[Message], parts: Sequence[Part], visit: Visit) -> Question:
    """Return the question of these messages; its id is the same whenever they are handled again."""
    first, last = together[0], together[-1]
    reply_to = last.message_id if visit.place.is_group else None
    asked = Question(
        id=f"{first.chat.id}:{first.message_id}:{first.date.timestamp():.0f}",
        text="",
        person=visit.person,
        place=replace(visit.place, reply_to=reply_to, below=last.message_id),
        chat_title=first.chat.title or "",
        message_id=last.message_id,
    )
    return asked.made_of(parts)


def not_a_question(visit: Visit, *, can_be_read: bool) -> str:
    """Return the sentence about what asks nothing, or cannot be read."""
    return visit.phrases.ask_what if can_be_read else visit.phrases.unreadable


async def _parts(unit: Sequence[Message], me: User, visit: Visit, conversations: Conversations) -> list[Part]:
    """Return what was sent in one go; what is forwarded with a comment is quoted above it."""
    own = [message for message in unit if not is_forward(message)] or unit
    forwarded = [message for message in unit if message not in own]
    parts = [_quoted(message) for message in forwarded]
    for before, message in zip([None, *own], own, strict=False):
        part = Part(message.message_id, question_in(message, me), photos=photos_of(message))
        if before and before.text and message.text:
            part = replace(part, gap=gap(before.text, message.text))
        elif before is None or not is_same_album(before, message):
            quote = await quote_for(message, me, visit, conversations)
            part = replace(part, quote=quote, photos=photos_meant(message))
        parts.append(part)
    return parts


def _is_read(message: Message) -> bool:
    """Whether nothing of it was passed over."""
    return is_readable(message) or (is_forward(message) and bool(text_of(message)))


def _quoted(message: Message) -> Part:
    return Part(message.message_id, "", shortened(text_of(message)), photos=photos_of(message))
