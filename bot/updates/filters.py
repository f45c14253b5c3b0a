"""Filters for handlers: coroutines, because aiogram sends every other callable, `F` too, to a thread."""

from collections.abc import Awaitable, Callable

from aiogram.types import CallbackQuery


def pressed(*prefixes: str) -> Callable[[CallbackQuery], Awaitable[bool]]:
    """Return a filter for presses of buttons whose data begins so."""

    async def is_pressed(callback_query: CallbackQuery) -> bool:
        return (callback_query.data or "").startswith(prefixes)

    return is_pressed
