"""Which messages a reply has sent so far: after a crash the next attempt edits them and sends no new ones.

A convenience, never a condition: while Redis is away the reply goes on, and a crash then may double a message.
"""

import json

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)

KEEP_S = 2 * 24 * 3600
"""Longer than Telegram keeps an update that was not fetched."""


class Journal:
    """The entries of all replies, in Redis. Fails open."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def open(self, bot_id: int, reply_id: str) -> "Entry":
        """Return the entry of a reply with what an earlier attempt wrote, if there was one."""
        key = f"{{govorun:{bot_id}}}:reply:{reply_id}"
        try:
            raw = await self._redis.get(key)
        except (RedisError, OSError) as error:
            log.warning("journal_not_read", key=key, error=f"{type(error).__name__}: {error}")
            raw = None
        known = json.loads(raw) if raw else {}
        return Entry(self._redis, key, tuple(known.get("message_ids", ())), known.get("is_finished", False))


class Entry:
    """What is known of one reply."""

    def __init__(self, redis: Redis, key: str, message_ids: tuple[int, ...], was_finished: bool) -> None:  # noqa: FBT001 - only the journal calls it
        self._redis = redis
        self._key = key
        self.message_ids = message_ids
        self.was_finished = was_finished

    async def write(self, message_ids: tuple[int, ...], *, is_finished: bool = False) -> None:
        """Write down which messages there are, before anything else is sent."""
        raw = json.dumps({"message_ids": message_ids, "is_finished": is_finished})
        try:
            await self._redis.set(self._key, raw, ex=KEEP_S)
        except (RedisError, OSError) as error:
            log.warning("journal_not_written", key=self._key, error=f"{type(error).__name__}: {error}")
