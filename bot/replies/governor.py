"""Who may call Telegram now: one budget per chat and one for the whole bot, shared by all replicas.

Cosmetic calls never spend what final calls need, and a chat for which Telegram asked for silence is not knocked
at before the deadline: retrying inside the window extends it.
"""

import time
from collections.abc import Callable
from pathlib import Path

import structlog
from redis.asyncio import Redis
from redis.commands.core import AsyncScript
from redis.exceptions import RedisError

from bot.ports import Meter, Uncounted
from bot.replies.buckets import Buckets
from bot.replies.pace import RECOVERY_S, SLOWER, SLOWEST, Importance, Pace
from bot.replies.strain import Strain
from bot.store import key_prefix
from bot.types import Happening

log = structlog.get_logger(__name__)

REST_S = 5.0
"""After a failure Redis is left alone for this long, so that calls do not wait for its timeouts."""
_SPREAD = frozenset({Importance.FIRST, Importance.FRAME})
"""What waits while this process is strained."""
_FRAMES = _SPREAD | {Importance.FOLLOW_UP}
_KEEP_MS = 3_600_000
"""An idle bucket is full, and a slow chat has recovered, long before that."""


class Governor:
    """Grants calls or tells how long to wait. Fails open: while Redis is away, to buckets of this process."""

    def __init__(
        self,
        redis: Redis,
        bot_id: int,
        pace: Pace,
        *,
        clock: Callable[[], float] = time.monotonic,
        meter: Meter | None = None,
    ) -> None:
        self.pace = pace
        self._redis = redis
        self._prefix = f"{key_prefix(bot_id)}:governor"
        self._clock = clock
        self._meter = meter or Uncounted()
        self._local = Buckets()
        self.strain = Strain(pace.frame_interval_s, clock)
        self._redis_rests_until = 0.0
        scripts = Path(__file__).parent
        self._admission = redis.register_script((scripts / "bucket.lua").read_text("utf-8"))
        self._penalty = redis.register_script((scripts / "penalty.lua").read_text("utf-8"))

    def silence_s(self, chat_id: int) -> float:
        """Return for how long Telegram wants silence in a chat, as far as this process has heard."""
        return self._local.closed_s(chat_id, self._clock())

    async def admit(self, chat_id: int, importance: Importance, *, is_group: bool) -> float:
        """Take a token and return 0.0, or return the seconds to wait before asking again.

        Frames, save for follow-ups, also wait while this process is strained; see `bot.replies.strain`.
        """
        wait_s = await self._wait_s(chat_id, importance, is_group=is_group)
        if importance in _FRAMES:
            self._meter.count(Happening.FRAME_POSTPONED if wait_s else Happening.FRAME_GRANTED)
        return wait_s

    async def _wait_s(self, chat_id: int, importance: Importance, *, is_group: bool) -> float:
        is_spread = importance in _SPREAD
        closed_s = self._local.closed_s(chat_id, self._clock())
        if closed_s > 0:
            return closed_s
        if is_spread and (spread_s := self.strain.wait_s(chat_id)) > 0:
            return spread_s
        wait_s = await self._admit(chat_id, importance, is_group=is_group)
        if is_spread and wait_s == 0:
            self.strain.framed(chat_id)
        return wait_s

    async def _admit(self, chat_id: int, importance: Importance, *, is_group: bool) -> float:
        """Ask the buckets."""
        in_chat, overall = self.pace.in_chat(importance, is_group=is_group), self.pace.overall(importance)
        quotas = [number for one in (in_chat, overall) for number in (one.need, one.rate, one.size)]
        waits_ms = await self._run(
            self._admission, [self._key(chat_id), f"{self._prefix}:all"], [*quotas, RECOVERY_S * 1000, _KEEP_MS]
        )
        if waits_ms is None:
            return self._local.admit(chat_id, in_chat, overall, self._clock())
        return waits_ms / 1000

    async def penalise(self, chat_id: int, retry_after_s: float) -> None:
        """Let nothing at all through to that chat before the deadline; other chats are unaffected."""
        self._meter.count(Happening.FLOODED)
        self._local.penalise(chat_id, retry_after_s, self._clock())
        silence_ms = int(retry_after_s * 1000)
        await self._run(
            self._penalty, [self._key(chat_id)], [silence_ms, SLOWER, SLOWEST, RECOVERY_S * 1000, _KEEP_MS]
        )

    def _key(self, chat_id: int) -> str:
        return f"{self._prefix}:chat:{chat_id}"

    async def _run(self, script: AsyncScript, keys: list[str], numbers: list[float]) -> int | None:
        """Run a script; None if Redis is away."""
        if self._clock() < self._redis_rests_until:
            return None
        try:
            return int(await script(keys=keys, args=numbers))
        except (RedisError, OSError) as error:
            log.debug("governor_without_redis", error=f"{type(error).__name__}: {error}")
            self._redis_rests_until = self._clock() + REST_S
            return None
