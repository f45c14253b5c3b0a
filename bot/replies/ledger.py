"""Which messages of a chat are known to be the bot's: all that any replica has sent and heard of.

A reply that looks for a message whose id it was not told must not take another one for it: in a forum, answers
in other topics grow between its own messages. Fails open: while Redis is away nobody looks.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from redis.asyncio import Redis

from bot.errors import StoreError
from bot.store import key_prefix, store_errors

log = structlog.get_logger(__name__)

MOST_KEPT = 50
"""Ids that are kept of each chat, the newest: looks do not go far back."""
_KEEP_S = 90 * 24 * 3600
"""As long as a question can be asked again, below which a reply would look."""
_PATIENCE_S = 2.0
"""With a Redis that does not answer: a note is no reason to keep people waiting."""

# Redis that is full lets a script write that has deleted something before.
_NOTE = """
-- KEYS ids, newest of all private chats; ARGV rank of the newest that goes, seconds to keep, the newest of all
-- private chats as far as the replica has heard, ids
redis.call('ZREM', KEYS[1], '')
for at = 4, #ARGV do redis.call('ZADD', KEYS[1], ARGV[at], ARGV[at]) end
if tonumber(ARGV[3]) > (tonumber(redis.call('GET', KEYS[2])) or 0) then redis.call('SET', KEYS[2], ARGV[3]) end
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, ARGV[1])
return redis.call('EXPIRE', KEYS[1], ARGV[2])
"""


class Ledger:
    """The ids of the messages that one bot has sent, by chat, in Redis."""

    def __init__(self, redis: Redis, bot_id: int) -> None:
        self._ask: Callable[..., Awaitable[Any]] = redis.execute_command
        self._prefix = key_prefix(bot_id)
        self._newest = f"{self._prefix}:newest"
        self.newest_private_id = 0
        """Of all private chats, as far as is known here: their ids come from one row, as time goes."""
        self._unsaved: dict[int, set[int]] = {}
        """What Redis could not be told, by chat."""
        self._note = redis.register_script(_NOTE)

    def hear(self, message_id: int) -> None:
        """Take note that there is a message with this id in a private chat, whoever wrote it."""
        self.newest_private_id = max(self.newest_private_id, message_id)

    async def note(self, chat_id: int, message_id: int, *, is_private: bool = False) -> None:
        """Write down a message that was sent, and those that could not be written down before.

        `is_private` says that its id is one of the row of all private chats.
        """
        if is_private:
            self.hear(message_id)
        unsaved = self._unsaved.pop(chat_id, set()) | {message_id}
        try:
            with store_errors():
                async with asyncio.timeout(_PATIENCE_S):
                    await self._note(
                        keys=[self._key(chat_id), self._newest],
                        args=[-MOST_KEPT - 1, _KEEP_S, self.newest_private_id, *unsaved],
                    )
        except StoreError as error:
            log.debug("message_not_noted", chat_id=chat_id, error=str(error))
            self._unsaved.setdefault(chat_id, set()).update(unsaved)

    async def newest_of_all(self) -> int:
        """Return the newest id of all private chats that any replica has heard of; 0: none has."""
        try:
            with store_errors():
                async with asyncio.timeout(_PATIENCE_S):
                    found = await self._ask("GET", self._newest)
        except StoreError as error:
            log.debug("newest_not_known", error=str(error))
        else:
            self.hear(int(found or 0))
        return self.newest_private_id

    async def known(self, chat_id: int) -> frozenset[int] | None:
        """Return the newest ids of that chat, `MOST_KEPT` or more if there are so many; None: Redis is away."""
        try:
            with store_errors():
                async with asyncio.timeout(_PATIENCE_S):
                    found: list[str] = await self._ask("ZRANGE", self._key(chat_id), 0, -1)
        except StoreError as error:
            log.debug("messages_not_known", chat_id=chat_id, error=str(error))
            return None
        return frozenset({*map(int, found), *self._unsaved.get(chat_id, ())})

    def _key(self, chat_id: int) -> str:
        return f"{self._prefix}:sent:{chat_id}"
