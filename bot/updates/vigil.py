"""What all who hold something in Redis share: steps it may refuse, and signs of life while they hold it."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from bot.errors import StoreError
from bot.store import store_errors

log = structlog.get_logger(__name__)

_EVERY_S = 1.0


async def guarded(step: Awaitable[object]) -> bool:
    """Whether the step worked; that Redis is in trouble, its client tells once."""
    try:
        await step
    except StoreError as error:
        log.debug("redis is away", error=str(error))
        return False
    return True


async def stay_alive(
    renew: Callable[[], Awaitable[None]],
    *,
    lease_s: float,
    pause_s: float,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Show a sign of life each second, or eight times a lease; one that was not heard again after `pause_s`."""
    every_s = min(_EVERY_S, lease_s / 8)
    while True:
        is_heard = await guarded(in_time(renew(), every_s))
        await sleep(every_s if is_heard else min(every_s, pause_s))


async def in_time(sign: Awaitable[None], limit_s: float) -> None:
    """If the connection hangs, give up in time to show it on another one."""
    with store_errors():
        async with asyncio.timeout(limit_s):
            await sign
