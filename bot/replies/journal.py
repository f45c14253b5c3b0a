"""Which messages a reply has sent so far: after a crash the next attempt edits them and sends no new ones.

A convenience, never a condition: while Redis is away the reply goes on, and a crash then may double a message.
"""

import json

import structlog
from redis.asyncio import Redis

from bot.errors import StoreError
from bot.store import key_prefix, store_errors

log = structlog.get_logger(__name__)

KEEP_S = 2 * 24 * 3600
"""Longer than Telegram keeps an update that was not fetched."""
KEEP_ANSWER_S = 3600
"""Longer than anybody takes to notice that a reply was delivered, but not yet remembered."""


class Journal:
    """The entries of all replies, in Redis. Fails open."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def open(self, bot_id: int, reply_id: str) -> "Entry":
        """Return the entry of a reply with what an earlier attempt wrote, if there was one."""
        key = f"{key_prefix(bot_id)}:reply:{reply_id}"
        raw = None
        try:
            with store_errors():
                raw = await self._redis.get(key)
        except StoreError as error:
            log.warning("journal_not_read", key=key, error=str(error))
        known = json.loads(raw) if raw else {}
        return Entry(self._redis, key, tuple(known.get("message_ids", ())), known.get("answer"))


class Entry:
    """What is known of one reply: its messages and, once it is delivered, the model's text."""

    def __init__(self, redis: Redis, key: str, message_ids: tuple[int, ...], answer: str | None) -> None:
        self._redis = redis
        self._key = key
        self.message_ids = message_ids
        self.answer = answer

    async def write(self, message_ids: tuple[int, ...], *, answer: str | None = None) -> None:
        """Write down which messages there are, before anything else is sent; an answer says it is over."""
        raw = json.dumps({"message_ids": message_ids, "answer": answer})
        try:
            with store_errors():
                await self._redis.set(self._key, raw, ex=KEEP_S if answer is None else KEEP_ANSWER_S)
        except StoreError as error:
            log.warning("journal_not_written", key=self._key, error=str(error))
