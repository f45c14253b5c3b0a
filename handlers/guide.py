"""/help, and the same for a command that nobody knows."""

from aiogram import Bot, Router
from aiogram.enums import ChatType
from aiogram.filters import Command
from aiogram.types import Message

from bot.ports import Notices
from bot.updates.introductions import Visit

KNOWN = frozenset({"start", "help", "new", "prompts", "stop", "ask", "id"})


def build_router() -> Router:
    """Return a router of this feature."""
    router = Router(name=__name__)
    router.message.register(tell, Command("help"))
    router.message.register(tell_unknown, is_unknown_command)
    return router


async def is_unknown_command(message: Message) -> bool:
    """Whether a private message is a command that no feature has; a lone slash or a path is none."""
    first, *_ = (message.text or "").split(maxsplit=1) or [""]
    command = first.partition("@")[0]
    is_command = command[:1] == "/" and command[1:].isidentifier()
    return message.chat.type == ChatType.PRIVATE and is_command and command[1:].lower() not in KNOWN


async def tell(_message: Message, bot: Bot, visit: Visit, notices: Notices) -> None:
    """List what the bot can do."""
    me = await bot.me()
    await notices.say(visit.place, visit.phrases.help.format(bot=me.username))


async def tell_unknown(message: Message, bot: Bot, visit: Visit, notices: Notices) -> None:
    """Say that there is no such command, and which there are; the model is not asked."""
    me = await bot.me()
    command = (message.text or "").split(maxsplit=1)[0][:64]
    help_text = visit.phrases.help.format(bot=me.username)
    await notices.say(visit.place, f"{visit.phrases.unknown_command.format(command=command)}\n\n{help_text}")
