"""A pace that all replicas share: so many requests in a second, one after another, by the clock of Redis.

The service counts what comes and refuses what comes too soon, so each request waits for its slot; see
`pacing.lua`. Slots lie a little further apart than they must, because requests travel at different speeds. In
each process people take turns; see `bot.backends.line`.

Fails open: while Redis is away, each replica keeps the pace by itself.
"""

import asyncio
import math
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.backends.line import Line
from bot.errors import BackendTimeout, WaitedFor
from bot.store import key_prefix

log = structlog.get_logger(__name__)

SPACING = 1.05
"""How much further apart slots are than the service wants."""
_PATIENCE_S = 1.0
"""With Redis; then the pace is kept without it."""
_REST_S = 5.0
"""After a failure Redis is left alone for this long, so that nobody waits for its timeouts."""
_KEEP_S = 120.0


@dataclass(slots=True)
class _Turn:
    """One request that waits for its slot."""

    ticket: str
    slot_ms: int = 0
    """By the clock of Redis; 0: it has none yet."""


class Pacing:
    """The pace of one kind of request, as one process sees it; `per_second` of 0: none.

    Nobody waits for longer than `limit_s`.
    """

    def __init__(  # noqa: PLR0913 - whose pace it is, the pace, its limit, and time
        self,
        redis: Redis,
        bot_id: int,
        kind: str,
        per_second: float,
        *,
        limit_s: float = 300.0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._key = f"{key_prefix(bot_id)}:pace:{kind}"
        self._script = redis.register_script(Path(__file__).with_suffix(".lua").read_text("utf-8"))
        self._gap_s = SPACING / per_second if per_second else 0.0
        self._keep_s = max(_KEEP_S, 3 * self._gap_s)
        self._limit_s = limit_s
        self._clock = clock
        self._sleep = sleep
        self._line = Line()
        self._tickets = map(f"{secrets.token_hex(4)}:{{}}".format, count())
        self._due = -math.inf
        """When the next request may go, as far as this process knows; of the clock."""
        self._redis_rests_until = -math.inf

    async def turn(self, asker_id: int = 0) -> None:
        """Wait for the turn of a request, which is to be sent at once; 0 is nobody in particular.

        Whoever is cancelled gives the slot back.

        Raises:
            BackendTimeout: it has not come in time.
        """
        try:
            async with asyncio.timeout(self._limit_s), self._line.first(asker_id):
                await self._slot(_Turn(next(self._tickets)))
        except TimeoutError as error:
            raise BackendTimeout(WaitedFor.WHOLE_ANSWER, self._limit_s) from error

    async def rest(self, seconds: float) -> None:
        """Let no request go for so long, because the service has refused one."""
        self._due = max(self._due, self._clock() + seconds)
        await self._asked("rest", _ms(seconds))

    async def _slot(self, turn: _Turn) -> None:
        try:
            while (wait_s := await self._wait_s(turn)) > 0:
                await self._sleep(wait_s)
        except asyncio.CancelledError:
            if turn.slot_ms:
                await self._asked("back", turn.ticket)
            raise
        self._due = self._clock() + self._gap_s

    async def _wait_s(self, turn: _Turn) -> float:
        """Return how long to wait before asking again; 0: the request may go."""
        answer = await self._asked("turn", turn.ticket, turn.slot_ms)
        if answer is None:
            return max(0.0, self._due - self._clock())
        turn.slot_ms, wait_ms = answer
        return wait_ms / 1000

    async def _asked(self, wanted: str, about: str | int, slot_ms: int = 0) -> tuple[int, int] | None:
        """Ask Redis; None if it is away."""
        if self._clock() < self._redis_rests_until:
            return None
        args: list[Any] = [wanted, _ms(self._gap_s), _ms(self._keep_s), about, slot_ms]
        try:
            async with asyncio.timeout(_PATIENCE_S):
                slot, wait_ms = await self._script(keys=[self._key], args=args)
        except (RedisError, OSError) as error:
            if self._redis_rests_until == -math.inf:
                log.warning("each replica keeps its own pace", because=f"{type(error).__name__}: {error}")
            self._redis_rests_until = self._clock() + _REST_S
            return None
        if self._redis_rests_until > -math.inf:
            log.info("all replicas keep their pace together again")
            self._redis_rests_until = -math.inf
        return slot, wait_ms


def _ms(seconds: float) -> int:
    return math.ceil(1000 * seconds)
