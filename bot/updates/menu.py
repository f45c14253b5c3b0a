"""The menu of commands that Telegram shows, in both languages."""

import structlog
from aiogram import Bot
from aiogram.exceptions import AiogramError
from aiogram.types import BotCommand, BotCommandScopeAllGroupChats, BotCommandScopeDefault

from bot.texts import PHRASES, Phrases

log = structlog.get_logger(__name__)

_IN_PRIVATE = ("new", "prompts", "model", "image", "classify", "stop", "queue", "usage", "help", "id")
_IN_GROUPS = ("ask", "new", "prompts", "model", "image", "classify", "stop", "queue", "usage", "help", "id")
_ANY_LANGUAGE = None


async def register_menu(bot: Bot) -> None:
    """Tell Telegram the commands; without them the bot works just as well, so a failure is only logged."""
    languages = ((_ANY_LANGUAGE, PHRASES["en"]), ("ru", PHRASES["ru"]))
    try:
        for code, phrases in languages:
            private, groups = _commands(phrases, _IN_PRIVATE), _commands(phrases, _IN_GROUPS)
            await bot.set_my_commands(private, BotCommandScopeDefault(), code)
            await bot.set_my_commands(groups, BotCommandScopeAllGroupChats(), code)
    except AiogramError as error:
        log.warning("the menu of commands was not registered", error=str(error))


def _commands(phrases: Phrases, names: tuple[str, ...]) -> list[BotCommand]:
    return [BotCommand(command=name, description=phrases.commands[name]) for name in names]
