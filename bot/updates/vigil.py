"""Signs of life of those who hold something in Redis, steps it may refuse, and who looks dead."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import structlog

from bot.errors import StoreError
from bot.store import store_errors

log = structlog.get_logger(__name__)


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
    """Show a sign of life eight times a lease, for ever, and one that was not heard again after `pause_s`."""
    every_s = lease_s / 8
    while True:
        is_heard = await guarded(in_time(renew(), every_s))
        await sleep(every_s if is_heard else min(every_s, pause_s))


async def in_time(sign: Awaitable[None], limit_s: float) -> None:
    """If the connection hangs, give up in time to show it on another one."""
    with store_errors():
        async with asyncio.timeout(limit_s):
            await sign


@dataclass(slots=True)
class _Suspect:
    held: int
    """How much, when it first looked dead: others may have taken some of it since."""
    looks: int = 0
    """At which it looked dead, one after another."""


class Suspects:
    """Believes somebody dead who looks so more than so often, one look after another."""

    def __init__(self, patience: int) -> None:
        self._patience = patience
        self._suspects: dict[str, _Suspect] = {}

    def look(self, silent: Mapping[str, int]) -> dict[str, int]:
        """Note who is silent now and how much each holds; return the dead, and how much each held at first."""
        for cleared in self._suspects.keys() - silent.keys():
            del self._suspects[cleared]
        for name, held in silent.items():
            self._suspects.setdefault(name, _Suspect(held)).looks += 1
        return {name: one.held for name, one in self._suspects.items() if one.looks > self._patience}

    def acquit(self) -> None:
        """Suspect nobody any more."""
        self._suspects.clear()
