"""The catch-all: whatever else is written to the bot is a question to the model."""

from aiogram import Router
from aiogram.enums import ContentType
from aiogram.types import Message, User

from bot.conversation import Conversations
from bot.ports import Notices
from bot.question import Question
from bot.updates.addressing import command_in, is_addressed, question_in
from bot.updates.introductions import Visit
from bot.updates.quoting import own_message_meant, quote_in

SPOKEN = frozenset(
    {
        ContentType.TEXT,
        ContentType.PHOTO,
        ContentType.VOICE,
        ContentType.VIDEO,
        ContentType.VIDEO_NOTE,
        ContentType.AUDIO,
        ContentType.DOCUMENT,
        ContentType.STICKER,
        ContentType.ANIMATION,
        ContentType.LOCATION,
        ContentType.CONTACT,
        ContentType.POLL,
    }
)
"""What a person says, as opposed to the events of a chat: joins, pins, new titles."""


def build_router() -> Router:
    """Return a router of this feature."""
    router = Router(name=__name__)
    router.message.register(answer, is_for_the_bot)
    return router


async def is_for_the_bot(message: Message, me: User) -> bool:
    """Whether the message calls the bot and says something; commands and the events of a chat do not."""
    return message.content_type in SPOKEN and command_in(message) is None and is_addressed(message, me)


async def quote_for(message: Message, me: User, visit: Visit, conversations: Conversations) -> str:
    """Return what the message refers to, unless the model reads it anyway, as the answer before."""
    own = own_message_meant(message, me)
    if own is not None and await conversations.is_in_sight(visit.place, own):
        return ""
    return quote_in(message)


def question_from(message: Message, text: str, quote: str, visit: Visit) -> Question:
    """Return the question of a message; its id is the same whenever the message is handled again."""
    return Question(
        id=f"{message.chat.id}:{message.message_id}:{message.date.timestamp():.0f}",
        text=text,
        person=visit.person,
        place=visit.place,
        chat_title=message.chat.title or "",
        quote=quote,
        message_id=message.message_id,
    )


async def answer(
    message: Message, me: User, visit: Visit, conversations: Conversations, notices: Notices
) -> None:
    """Ask the model; what is not text gets a sentence instead."""
    text = question_in(message, me) if message.text else ""
    quote = await quote_for(message, me, visit, conversations) if message.text else ""
    if not (text or quote):
        await notices.say(visit.place, not_a_question(message, visit))
        return
    await conversations.answer(question_from(message, text, quote, visit))


def not_a_question(message: Message, visit: Visit) -> str:
    """Return the sentence about a message that asks nothing, or asks it without words."""
    return visit.phrases.ask_what if message.text else visit.phrases.text_only
