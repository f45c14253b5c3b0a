"""/ask: a question in a group that does not mention the bot."""

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.types import Message, User

from bot.conversation import Conversations
from bot.ports import Notices
from bot.types import Part
from bot.updates.filters import command
from bot.updates.introductions import Visit
from handlers.chat import question_from, quote_for


def build_router() -> Router:
    """Return a router of this feature."""
    router = Router(name=__name__)
    router.message.register(ask, command("ask"))
    return router


async def ask(
    message: Message,
    command: CommandObject,
    me: User,
    visit: Visit,
    conversations: Conversations,
    notices: Notices,
) -> None:
    """Answer what stands behind the command, or the message it replies to."""
    text = (command.args or "").strip()
    quote = await quote_for(message, me, visit, conversations)
    if not (text or quote):
        await notices.say(visit.place, visit.phrases.ask_what)
        return
    part = Part(message.message_id, text, quote)
    await conversations.answer(question_from([message], [part], visit))
