"""Filters for handlers: coroutines, because aiogram sends every other callable, `F` too, to a thread."""

import re
from collections.abc import Awaitable, Callable

from aiogram.filters import Command
from aiogram.types import CallbackQuery


def pressed(pattern: str) -> Callable[[CallbackQuery], Awaitable[dict[str, re.Match[str]] | bool]]:
    """Return a filter for buttons with such data; the handler gets the `match`.

    Anybody may send any data, so a pattern admits nothing that its handler cannot use.
    """
    compiled = re.compile(pattern)

    async def is_pressed(callback_query: CallbackQuery) -> dict[str, re.Match[str]] | bool:
        match = compiled.fullmatch(callback_query.data or "")
        return {"match": match} if match else False

    return is_pressed


def command(name: str) -> Command:
    """Return a filter for a command, in whatever case it is typed."""
    return Command(name, ignore_case=True)
