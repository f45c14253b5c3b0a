"""Time that passes only when everybody waits: hours of flood control in milliseconds, always the same way."""

import asyncio
import heapq
from collections.abc import Coroutine
from itertools import count
from typing import Any, TypeVar

T = TypeVar("T")
_ROUNDS = 200
"""Turns of the loop after which somebody must be busy waiting without time."""


class VirtualTime:
    """A clock and a sleep for code that takes them as arguments and does no real input or output."""

    def __init__(self) -> None:
        self.now = 0.0
        self._order = count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def clock(self) -> float:
        """Seconds since the beginning."""
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Wait for that long."""
        waker = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.now + max(0.0, seconds), next(self._order), waker))
        await waker

    async def run(self, story: Coroutine[Any, Any, T]) -> T:
        """Play a story to its end, time passing as it waits."""
        task = asyncio.ensure_future(story)
        while not task.done():
            await _settled()
            if not task.done():
                self._wake_next()
        return await task

    def _wake_next(self) -> None:
        while True:
            assert self._sleepers, "everybody waits for something that never comes"
            at, _, waker = heapq.heappop(self._sleepers)
            if not waker.done():
                self.now = max(self.now, at)
                waker.set_result(None)
                return


async def _settled() -> None:
    """Let everything go on that can go on without time."""
    ready: Any = getattr(asyncio.get_running_loop(), "_ready")  # noqa: B009 - asyncio tells in no other way
    for _ in range(_ROUNDS):
        await asyncio.sleep(0)
        if not ready:
            return
    raise AssertionError("somebody is busy without ever waiting")
