"""The catch-all: whatever else is written to the bot is a question to the model."""

from aiogram import Router
from aiogram.enums import ContentType
from aiogram.types import Message, User

from bot.conversation import Conversations, Question
from bot.ports import Notices
from bot.updates.addressing import command_in, is_addressed, question_in
from bot.updates.introductions import Visit

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


def question_from(message: Message, text: str, visit: Visit) -> Question:
    """Return the question of a message; its id is the same whenever the message is handled again."""
    identity = f"{message.chat.id}:{message.message_id}:{message.date.timestamp():.0f}"
    return Question(identity, text, visit.person, visit.place, message.chat.title or "")


async def answer(
    message: Message, me: User, visit: Visit, conversations: Conversations, notices: Notices
) -> None:
    """Ask the model; what is not text gets a sentence instead."""
    text = question_in(message, me) if message.text else ""
    if not text:
        await notices.say(visit.place, visit.phrases.ask_what if message.text else visit.phrases.text_only)
        return
    await conversations.answer(question_from(message, text, visit))
