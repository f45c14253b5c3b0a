"""Which messages are known: of each chat the bot's own, and of all private chats together anybody's.

A reply that looks for a message whose id it was not told must not take another one for it: in a forum, answers
in other topics grow between its own messages. Fails open: while Redis is away nobody looks.

Telegram takes the ids of all private chats of a bot from one row, as time goes, though it promises no more than
that they differ within a chat. So what stands in other private chats is no lost message of this one. A server
that gives a new message a lower id than an older one has no such row, and is not taken to have one.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import structlog
from redis.asyncio import Redis

from bot.errors import StoreError
from bot.store import key_prefix, store_errors

log = structlog.get_logger(__name__)

MOST_KEPT = 50
"""Ids that are kept of each chat, the newest: looks do not go far back."""
_ROW_KEPT = 5_000
"""The same of all private chats: minutes, where thousands talk."""
_KEEP_S = 90 * 24 * 3600
"""As long as a question can be asked again, below which a reply would look."""
_NO_ROW_S = 24 * 3600
"""After which a server that seemed to have no row may have one again."""
_PATIENCE_S = 2.0
"""With a Redis that does not answer: a note is no reason to keep people waiting."""
_NO_ROW = "none"

# Redis that is full lets a script write that has deleted something before.
_NOTE = f"""
-- KEYS ids of the chat, newest of all private chats, their row; ARGV how many ids to keep of a chat, and of the
-- row, seconds to keep them, and to believe that there is no row; the newest of all private chats as far as the
-- replica has heard, or that there is no row; how many ids follow of the chat, these ids, those of the row
redis.call('ZREM', KEYS[1], '')
local mine, newest = 6 + ARGV[6], redis.call('GET', KEYS[2])
for at = 7, mine do redis.call('ZADD', KEYS[1], ARGV[at], ARGV[at]) end
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -ARGV[1] - 1)
redis.call('EXPIRE', KEYS[1], ARGV[3])
if ARGV[5] == '{_NO_ROW}' then
  redis.call('SET', KEYS[2], ARGV[5], 'EX', ARGV[4])
  redis.call('DEL', KEYS[3])
elseif newest ~= '{_NO_ROW}' then
  if tonumber(ARGV[5]) > tonumber(newest or 0) then redis.call('SET', KEYS[2], ARGV[5]) end
  for at = mine + 1, #ARGV do redis.call('ZADD', KEYS[3], ARGV[at], ARGV[at]) end
  redis.call('ZREMRANGEBYRANK', KEYS[3], 0, -ARGV[2] - 1)
  redis.call('EXPIRE', KEYS[3], ARGV[3])
end
return 1
"""


class Ledger:
    """The ids of the messages that one bot has sent, by chat, and of all private chats, in Redis."""

    def __init__(self, redis: Redis, bot_id: int) -> None:
        self._ask: Callable[..., Awaitable[Any]] = redis.execute_command
        self._prefix = key_prefix(bot_id)
        self._newest, self._row = f"{self._prefix}:newest", f"{self._prefix}:row"
        self._newest_id = 0
        self._has_row, self._is_row_told = True, True
        self._unsaved: dict[int, set[int]] = {}
        """What Redis could not be told, by chat."""
        self._met: set[int] = set()
        """What it has not been told of the row."""
        self._note = redis.register_script(_NOTE)

    @property
    def newest_private_id(self) -> int:
        """Of all private chats, as far as is known here; 0: none is, or there is no row."""
        return self._newest_id if self._has_row else 0

    def hear(self, message_id: int) -> None:
        """Take note that there is a message with this id in a private chat, whoever wrote it."""
        self._newest_id = max(self._newest_id, message_id)

    def meet(self, message_ids: Iterable[int]) -> None:
        """Keep, with the next note, that people have written these in private chats."""
        if len(self._met) < _ROW_KEPT:
            self._met.update(message_ids)

    def compare(self, message_id: int, *, above: int) -> None:
        """See whether a message that was just sent has an id above one that was known before."""
        if message_id <= above and self._has_row:
            log.info("ids_of_private_chats_are_not_one_row", message_id=message_id, above=above)
            self._has_row, self._is_row_told = False, False

    async def note(self, chat_id: int, message_id: int, *, is_private: bool = False) -> None:
        """Write down a message that was sent, and those that could not be written down before.

        `is_private` says that its id is one of the row of all private chats. Once it is written down here it is
        looked for no more: whoever would take the reply up has to know it already.
        """
        unsaved = self._unsaved.pop(chat_id, set()) | {message_id}
        met, self._met = self._met, set()
        if is_private:
            self.hear(message_id)
            met.add(message_id)
        newest = self._newest_id if self._has_row else _NO_ROW
        try:
            with store_errors():
                async with asyncio.timeout(_PATIENCE_S):
                    await self._note(
                        keys=[self._key(chat_id), self._newest, self._row],
                        args=[
                            *(MOST_KEPT, _ROW_KEPT, _KEEP_S, _NO_ROW_S, newest),
                            *(len(unsaved), *unsaved, *met),
                        ],
                    )
        except StoreError as error:
            log.debug("message_not_noted", chat_id=chat_id, error=str(error))
            self._unsaved.setdefault(chat_id, set()).update(unsaved)
            self.meet(met)
        else:
            self._is_row_told = self._is_row_told or newest == _NO_ROW

    async def newest_of_all(self) -> int:
        """Return the newest id of all private chats that any replica has heard of; 0: none has, or no row."""
        try:
            with store_errors():
                async with asyncio.timeout(_PATIENCE_S):
                    found = await self._ask("GET", self._newest)
        except StoreError as error:
            log.debug("newest_not_known", error=str(error))
        else:
            if self._is_row_told:
                self._has_row = found != _NO_ROW
            self.hear(0 if found == _NO_ROW else int(found or 0))
        return self.newest_private_id

    async def row(self, above: int, below: int | None) -> frozenset[int]:
        """Return the ids between two of all private chats that are known to be taken; none if that fails."""
        try:
            with store_errors():
                async with asyncio.timeout(_PATIENCE_S):
                    highest = "+inf" if below is None else f"({below}"
                    found: list[str] = await self._ask("ZRANGEBYSCORE", self._row, f"({above}", highest)
        except StoreError as error:
            log.debug("row_not_known", error=str(error))
            return frozenset()
        return frozenset(map(int, found)) if self._has_row else frozenset()

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
