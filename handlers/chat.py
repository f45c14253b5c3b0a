"""The catch-all: whatever else is written to the bot is a question to the model.

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
from bot.updates.quoting import own_message_meant, quote_in, shortened, text_of
from bot.updates.units import gap, is_forward, units


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
    """Ask the model; what has no text at all gets a sentence instead."""
    parts = [part for unit in units(together) for part in await _parts(unit, me, visit, conversations)]
    is_readable = any(message.text for message in together)
    if not (is_readable and any(part.text or part.quote for part in parts)):
        await notices.say(visit.place, not_a_question(visit, is_readable=is_readable))
        return
    await conversations.answer(question_from(together, parts, visit))


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


def not_a_question(visit: Visit, *, is_readable: bool) -> str:
    """Return the sentence about what asks nothing, or asks it without words."""
    return visit.phrases.ask_what if is_readable else visit.phrases.text_only


async def _parts(unit: Sequence[Message], me: User, visit: Visit, conversations: Conversations) -> list[Part]:
    """Return what was sent in one go; what is forwarded with a comment is quoted above it."""
    own = [message for message in unit if not is_forward(message)] or unit
    forwarded = [message for message in unit if message not in own]
    parts = [Part(message.message_id, "", shortened(text_of(message))) for message in forwarded]
    for index, message in enumerate(own):
        text = question_in(message, me)
        before = own[index - 1].text if index else None
        if before and message.text:
            parts.append(Part(message.message_id, text, gap=gap(before, message.text)))
        else:
            quote = await quote_for(message, me, visit, conversations)
            parts.append(Part(message.message_id, text, quote))
    return parts
