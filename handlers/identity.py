"""/id: what an operator has to know to let somebody in."""

from aiogram import Router
from aiogram.types import Message

from bot.ports import Notices
from bot.updates.filters import command
from bot.updates.introductions import Visit


def build_router() -> Router:
    """Return a router of this feature."""
    router = Router(name=__name__)
    router.message.register(tell, command("id"))
    return router


async def tell(_message: Message, visit: Visit, notices: Notices) -> None:
    """Tell the person's id and the chat's."""
    chat_id = visit.place.conversation.chat_id
    await notices.say(visit.place, visit.phrases.identity.format(user_id=visit.person.user_id, chat_id=chat_id))
