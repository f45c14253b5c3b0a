"""/help, and the same for a command that nobody knows."""

from aiogram import Router
from aiogram.enums import ChatType
from aiogram.types import Message, User

from bot.ports import Notices
from bot.updates.addressing import COMMANDS, command_in
from bot.updates.filters import command
from bot.updates.introductions import Visit


def build_router() -> Router:
    """Return a router of this feature."""
    router = Router(name=__name__)
    router.message.register(tell, command("help"))
    router.message.register(tell_unknown, is_unknown_command)
    return router


async def is_unknown_command(message: Message, me: User) -> bool:
    """Whether it is a command that no feature has; in a group only if it names the bot."""
    name, owner = command_in(message) or ("", "")
    is_ours = owner == (me.username or "").lower()
    if message.chat.type != ChatType.PRIVATE:
        return is_ours and name not in COMMANDS
    return bool(name) and not (name in COMMANDS and (is_ours or not owner))


async def tell(_message: Message, me: User, visit: Visit, notices: Notices) -> None:
    """List what the bot can do."""
    await notices.say(visit.place, visit.phrases.help.format(bot=me.username))


async def tell_unknown(message: Message, me: User, visit: Visit, notices: Notices) -> None:
    """Say that there is no such command, and which there are; the model is not asked."""
    command = (message.text or message.caption or "").split(maxsplit=1)[0][:64]
    help_text = visit.phrases.help.format(bot=me.username)
    await notices.say(visit.place, f"{visit.phrases.unknown_command.format(command=command)}\n\n{help_text}")
