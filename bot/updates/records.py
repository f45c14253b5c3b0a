"""What Redis knows of an answer that grows: whose it is, which reply it is, and whether it was stopped.

A stop is kept here as well as told, so that it reaches whoever writes the answer, if need be another worker
after a crash. So is what the model has said, because a second attempt that is stopped at once has nothing else
to leave. What a process that died has left behind is gone a minute later; if the person was told that it is
stopped, it is kept for as long as another attempt may come.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis

from bot.running import Growing
from bot.store import key_prefix, store_errors
from bot.updates.arrivals import channel
from bot.updates.inbox import SEPARATOR

KEPT_S = 60
"""Longer than it takes to take over from a process that died."""
STOP_KEPT_S = 600
"""Longer than it takes to start the bot again if no other process was there to take over."""
_FAR = 16
"""How far ahead is looked in what waits."""

# Redis that is full lets a script write that has deleted something before.
_TELL = """
-- KEYS growing, taken, waiting; ARGV slug, asker, tag, what was said, how long to keep it in s, how far to
-- look, how long to keep it in s if it was stopped
-- Returns 1 if this answer was stopped, what an earlier attempt had said, and the last update that is being
-- answered with those that wait behind
local stopped, said = false, ''
redis.call('HDEL', KEYS[1], 'over')
if redis.call('HGET', KEYS[1], 'tag') == ARGV[3] then
  stopped = redis.call('HGET', KEYS[1], 'stopped')
  if ARGV[4] == '' then said = redis.call('HGET', KEYS[1], 'said') or '' end
else
  redis.call('DEL', KEYS[1])
end
redis.call('HSET', KEYS[1], 'asker', ARGV[2], 'tag', ARGV[3])
if ARGV[4] ~= '' then redis.call('HSET', KEYS[1], 'said', ARGV[4]) end
redis.call('EXPIRE', KEYS[1], stopped and ARGV[7] or ARGV[5])
local first = math.max(1, tonumber(redis.call('HGET', KEYS[2], ARGV[1])) or 0)
return {stopped and 1 or 0, said, redis.call('LRANGE', KEYS[3], first - 1, first + ARGV[6] - 1)}
"""
_PRESS = """
-- KEYS growing; ARGV tag, how long to keep it in s, channel, what is told there
local tag, over = unpack(redis.call('HMGET', KEYS[1], 'tag', 'over'))
if tag ~= ARGV[1] or over then return 0 end
redis.call('HDEL', KEYS[1], 'stopped')
redis.call('HSET', KEYS[1], 'stopped', 1)
redis.call('EXPIRE', KEYS[1], ARGV[2])
redis.call('PUBLISH', ARGV[3], ARGV[4])
return 1
"""
_END = """
-- KEYS growing; ARGV tag
-- That it was stopped is kept for another attempt, should this one die before the answer is delivered.
if redis.call('HGET', KEYS[1], 'tag') ~= ARGV[1] then return end
if redis.call('HDEL', KEYS[1], 'stopped') == 0 then return redis.call('DEL', KEYS[1]) end
redis.call('HSET', KEYS[1], 'stopped', 1, 'over', 1)
"""


@dataclass(frozen=True, slots=True)
class News:
    """What is heard when an answer is told of."""

    is_stopped: bool
    said: str
    """What an earlier attempt had said; empty: nothing, or this one has said something."""
    waiting: Sequence[str]
    """The updates that wait behind the question, as JSON."""
    last: str
    """The last update of the question; empty: not known."""


class Records:
    """The answers that grow in a bot's conversations. Every method raises `StoreError` if Redis is away."""

    def __init__(self, redis: Redis, bot_id: int) -> None:
        self._redis = redis
        self._prefix = key_prefix(bot_id)
        self._channel = channel(bot_id)
        self._tell = redis.register_script(_TELL)
        self._press = redis.register_script(_PRESS)
        self._end = redis.register_script(_END)

    async def tell(self, slug: str, growing: Growing, said: str) -> News:
        """Write down that an answer grows, or still does, and what it says by now."""
        keys = [self._growing(slug), f"{self._prefix}:taken", f"{self._prefix}:waiting:{slug}"]
        args: list[Any] = [slug, growing.asker_id, growing.tag, said, KEPT_S, _FAR, STOP_KEPT_S]
        with store_errors():
            is_stopped, earlier, items = await self._tell(keys=keys, args=args)
        last, *waiting = [item.rpartition(SEPARATOR)[2] for item in items] or [""]
        return News(bool(is_stopped), earlier, waiting, last)

    async def find(self, slug: str) -> Growing | None:
        """Return the answer that grows there."""
        with store_errors():
            asker, tag, over = await self._redis.hmget(self._growing(slug), ["asker", "tag", "over"])
        return Growing(int(asker), int(tag)) if asker and tag and not over else None

    async def press(self, slug: str, tag: int, *, told: str) -> bool:
        """Keep that it was stopped and tell it on the channel; False: that answer does not grow any more."""
        args: list[Any] = [tag, STOP_KEPT_S, self._channel, told]
        with store_errors():
            return bool(await self._press(keys=[self._growing(slug)], args=args))

    async def end(self, slug: str, tag: int) -> None:
        """Write down that the answer does not grow any more."""
        with store_errors():
            await self._end(keys=[self._growing(slug)], args=[tag])

    def _growing(self, slug: str) -> str:
        return f"{self._prefix}:growing:{slug}"
