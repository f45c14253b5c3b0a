"""How somebody is asked at the start who may not be there yet: again and again, with longer and longer pauses.

Whoever starts everything at once, as after a power failure, need not know what depends on what.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from bot.tasks import put_down

T = TypeVar("T")

_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.5, 15.0


async def insisted(ask: Callable[[], Coroutine[Any, Any, T | None]], stop: asyncio.Event) -> T | None:
    """Ask until there is an answer, and return it; None if we were told to stop first.

    What asking raises ends it.
    """
    wait_s = _FIRST_WAIT_S
    told = asyncio.create_task(stop.wait())
    try:
        while not stop.is_set():
            asked = asyncio.create_task(ask())
            try:
                await asyncio.wait([asked, told], return_when=asyncio.FIRST_COMPLETED)
                if asked.done() and (answer := asked.result()):
                    return answer
            finally:
                await put_down(asked)
            await asyncio.wait([told], timeout=wait_s)
            wait_s = min(_LONGEST_WAIT_S, 2 * wait_s)
        return None
    finally:
        await put_down(told)
