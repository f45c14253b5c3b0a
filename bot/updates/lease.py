"""What only one of many replicas does at a time, as polling: it belongs to the one that holds the lease.

A lease runs out unless it is renewed, so another replica takes over from one that died. Whoever cannot renew it
puts the work down before it runs out: nobody begins while somebody else may be at it. Two things can break
that, and do no more harm than a conflict at Telegram: a Redis that lost its newest data in a failover, and a
process that was frozen for longer than the lease, until it finds out.
"""

import asyncio
import math
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, Protocol

import structlog
from redis.asyncio import Redis

from bot.errors import StoreError
from bot.store import key_prefix, store_errors
from bot.tasks import put_down

log = structlog.get_logger(__name__)

Work = Callable[[], Coroutine[Any, Any, None]]
"""Goes on until it is cancelled."""

_NOT_OURS = -math.inf
_RELEASE_S = 2.0
_UNKNOWN = "nobody can tell who is on duty"

_HOLD = """
-- KEYS lease; ARGV holder, length in ms; returns 1 if the lease is the holder's now, taken or renewed
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
"""
_RELEASE = """
-- KEYS lease; ARGV holder
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
"""


class Tenure(Protocol):
    """A lease as one replica sees it."""

    @property
    def length_s(self) -> float:
        """How long it lasts from each `hold` that succeeded."""
        ...

    async def hold(self) -> bool:
        """Take or renew it; False if another replica has it."""
        ...

    async def release(self) -> None:
        """Let another replica have it at once, if it is ours."""
        ...


class Lease:
    """A lease in Redis. Its methods raise `StoreError` if Redis is away."""

    def __init__(self, redis: Redis, bot_id: int, thing: str, *, holder: str, length_s: float) -> None:
        self.length_s = length_s
        self._key = f"{key_prefix(bot_id)}:lease:{thing}"
        self._holder = holder
        self._hold = redis.register_script(_HOLD)
        self._release = redis.register_script(_RELEASE)

    async def hold(self) -> bool:
        """Take it, or renew it; False if another replica has it."""
        with store_errors():
            return bool(await self._hold(keys=[self._key], args=[self._holder, round(self.length_s * 1000)]))

    async def release(self) -> None:
        """Let another replica have it at once; nothing happens if it is not ours any more."""
        with store_errors():
            await self._release(keys=[self._key], args=[self._holder])


class Duty:
    """Does work while the lease is ours, and stands by while it is another's."""

    def __init__(
        self,
        lease: Tenure,
        *,
        name: str,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Coroutine[Any, Any, None]] = asyncio.sleep,
    ) -> None:
        self._lease = lease
        self._log = log.bind(duty=name)
        self._clock = clock
        self._sleep = sleep
        self._margin_s = lease.length_s / 6
        """Before the end of the lease the work is put down: cancelling takes time too."""
        self.trouble = "the lease was not asked for yet"
        """Why nobody can tell whose the lease is; empty: it is ours, or another replica's."""
        self.is_ours = False
        """Whether the work is being done here."""
        self._state = ""

    async def run(self, work: Work) -> None:
        """Do it whenever the lease is ours, until the work ends by itself; its errors are passed on."""
        while True:
            ours_until = await self._ask(_NOT_OURS)
            if self._left_s(ours_until) <= 0:
                await self._sleep(self._lease.length_s / 6)
            elif await self._do(work, ours_until):
                return

    async def _do(self, work: Work, ours_until: float) -> bool:
        """Work as long as the lease is ours; whether the work has ended by itself."""
        self.is_ours = True
        working = asyncio.create_task(work(), name="duty")
        keeping = asyncio.create_task(self._keep(ours_until), name="lease")
        try:
            await asyncio.wait({working, keeping}, return_when=asyncio.FIRST_COMPLETED)
            is_over = working.done()
            if keeping.done():
                keeping.result()
        finally:
            await put_down(working)  # first, because another replica begins as soon as the lease is released
            await put_down(keeping)
            self.is_ours = False
            await self._give_up()
        if is_over:
            working.result()
        return is_over

    async def _keep(self, ours_until: float) -> None:
        """Renew the lease; return when it is lost, or may be soon."""
        while (left_s := self._left_s(ours_until)) > 0:
            await self._sleep(min(self._lease.length_s / 3, left_s))
            asking = asyncio.create_task(self._ask(ours_until))
            timer = asyncio.create_task(self._sleep(self._left_s(ours_until)))
            try:
                await asyncio.wait({asking, timer}, return_when=asyncio.FIRST_COMPLETED)
                if not asking.done():
                    self._note(_UNKNOWN, "redis does not answer")
                ours_until = asking.result() if asking.done() else _NOT_OURS
            finally:
                await put_down(asking, timer, again_after_s=self._margin_s / 10)
        self._log.warning("the lease was lost", why=self.trouble or "another replica has it")

    def _left_s(self, ours_until: float) -> float:
        return ours_until - self._margin_s - self._clock()

    async def _ask(self, ours_until: float) -> float:
        """Return until when the lease is ours by now; what was given if Redis does not tell."""
        asked_at = self._clock()
        try:
            is_ours = await self._lease.hold()
        except StoreError as error:
            self._note(_UNKNOWN, str(error))
            return ours_until
        self._note("on duty" if is_ours else "standing by: another replica is on duty")
        return asked_at + self._lease.length_s if is_ours else _NOT_OURS

    def _note(self, state: str, trouble: str = "") -> None:
        """Log a change."""
        if state != self._state and trouble:
            self._log.warning(state, error=trouble)
        elif state != self._state:
            self._log.info(state)
        self._state, self.trouble = state, trouble

    async def _give_up(self) -> None:
        with suppress(StoreError, TimeoutError):
            async with asyncio.timeout(_RELEASE_S):
                await self._lease.release()
