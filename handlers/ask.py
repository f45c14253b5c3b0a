"""/ask: a question in a group that does not mention the bot, also as the caption of a picture."""

from collections.abc import Sequence

from aiogram import Router
from aiogram.types import Message, User

from bot.conversation import Conversations
from bot.ports import Notices
from bot.updates.addressing import ASK
from bot.updates.filters import command
from bot.updates.introductions import Visit
from handlers.chat import answer


def build_router() -> Router:
    """Return a router of this feature."""
    router = Router(name=__name__)
    router.message.register(ask, command(ASK))
    return router


async def ask(
    message: Message,
    together: Sequence[Message],
    me: User,
    visit: Visit,
    conversations: Conversations,
    notices: Notices,
) -> None:
    """Answer what stands behind the command, or the message it replies to."""
    await answer(message, together, me, visit, conversations, notices)
