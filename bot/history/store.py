"""The history in Redis: a list per dialogue, read from its end, so that a long one costs what a short one."""

from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.client import NEVER_DECODE

from bot.history.entry import beginning, dump_turn, load_turn
from bot.history.keys import ChatKeys, member
from bot.history.migration import Migration
from bot.history.window import newest_that_fit
from bot.store import store_errors
from bot.types import DialogueKey, Turn, Window

log = structlog.get_logger(__name__)

_BATCH = 16
_LARGEST_BATCH = 256
_DAY_S = 86_400

_APPEND = """
-- KEYS turns, dialogues
-- ARGV the entry's beginning, entry, turns to keep, seconds to keep them, member, beginning of a replaced one
local function begins(entry, beginning) return entry and string.sub(entry, 1, #beginning) == beginning end
-- A conversation is answered in order, so the same turn can only come again while it is among the newest.
for _, kept in ipairs(redis.call('LRANGE', KEYS[1], -8, -1)) do
  if begins(kept, ARGV[1]) then return 0 end
end
redis.call('SREM', KEYS[2], ARGV[5]) -- a Redis that is full lets a script write that has deleted something
if begins(redis.call('LINDEX', KEYS[1], -1), ARGV[6]) then redis.call('LSET', KEYS[1], -1, ARGV[2])
else redis.call('RPUSH', KEYS[1], ARGV[2]) end
redis.call('LTRIM', KEYS[1], -tonumber(ARGV[3]), -1)
redis.call('EXPIRE', KEYS[1], ARGV[4])
redis.call('SADD', KEYS[2], ARGV[5])
redis.call('EXPIRE', KEYS[2], ARGV[4])
return 1
"""

_FORGET = """
-- KEYS turns, dialogues; ARGV member
redis.call('SREM', KEYS[2], ARGV[1])
return redis.call('DEL', KEYS[1])
"""


class RedisHistory:
    """The port `HistoryStore`: every method raises `StoreError` if Redis is away.

    A dialogue is deleted `retention_days` after its newest turn, and keeps its `max_turns` newest ones.
    """

    def __init__(self, redis: Redis, retention_days: int, max_turns: int) -> None:
        self._ask: Callable[..., Awaitable[Any]] = redis.execute_command
        self._retention_s = retention_days * _DAY_S
        self._max_turns = max_turns
        self._append = redis.register_script(_APPEND)
        self._forget = redis.register_script(_FORGET)
        self._migration = Migration(redis)

    async def load(
        self, dialogue: DialogueKey, window: Window, *, now: float, without: str = ""
    ) -> tuple[Turn, ...]:
        """Return the newest turns that fit the window together, oldest first, as if one had never been.

        Reads as many as it needs from the end of the list, in batches that double.
        """
        left_out = beginning(without)
        newest_first: list[Turn] = []
        key, last, size = _turns(dialogue), -1, _BATCH
        while True:
            batch = await self._read("LRANGE", key, last - size + 1, last)
            entries = (raw for raw in reversed(batch) if not raw.startswith(left_out))
            newest_first += [turn for raw in entries if (turn := _loaded(raw, key))]
            shown = newest_that_fit(newest_first, window, now=now)
            if len(shown) < len(newest_first) or len(batch) < size:
                return shown
            last, size = last - size, min(2 * size, _LARGEST_BATCH)

    async def append(self, dialogue: DialogueKey, turn: Turn, *, turn_id: str, instead_of: str = "") -> None:
        """Add a turn, all or nothing; one of the newest turns again, by its `turn_id`, changes nothing.

        If the newest turn is the one of the id `instead_of`, it is replaced.
        """
        with store_errors():
            await self._append(
                keys=_both(dialogue),
                args=[
                    beginning(turn_id),
                    dump_turn(turn, turn_id),
                    self._max_turns,
                    self._retention_s,
                    member(dialogue),
                    beginning(instead_of),
                ],
            )

    async def undo(self, dialogue: DialogueKey) -> Turn | None:
        """Take the newest turn back and return it; None if there is none."""
        key = _turns(dialogue)
        while (raw := await self._read("RPOP", key)) is not None:
            if turn := _loaded(raw, key):
                return turn
        return None

    async def forget(self, dialogue: DialogueKey) -> None:
        """Delete the dialogue."""
        with store_errors():
            await self._forget(keys=_both(dialogue), args=[member(dialogue)])

    async def migrate(self, bot_id: int, old_chat_id: int, new_chat_id: int) -> None:
        """Move all that is kept of a chat to its new id; see `Migration`."""
        await self._migration.migrate(bot_id, old_chat_id, new_chat_id)

    async def _read(self, *command: str | int) -> Any:
        """Ask for bytes, whatever the client decodes: one broken entry must not spoil a whole batch."""
        with store_errors():
            return await self._ask(*command, **{NEVER_DECODE: True})


def _turns(dialogue: DialogueKey) -> str:
    return ChatKeys.of(dialogue.conversation).turns(member(dialogue))


def _both(dialogue: DialogueKey) -> list[str]:
    return [_turns(dialogue), ChatKeys.of(dialogue.conversation).dialogues]


def _loaded(raw: bytes, key: str) -> Turn | None:
    turn = load_turn(raw)
    if turn is None:
        log.warning("corrupt turn skipped", key=key, size_bytes=len(raw))
    return turn
