"""The newest question of each conversation in Redis, as JSON: what Again, Continue and an edited question need.

One key for each conversation, kept as long as its history would be. A set for each chat knows them, so that a
group that became a supergroup can be moved as a whole.
"""

import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any

import structlog
from pydantic import TypeAdapter, ValidationError
from redis.asyncio import Redis
from redis.client import NEVER_DECODE

from bot.history.keys import ChatKeys, spot
from bot.store import store_errors
from bot.types import ConversationKey, Exchange

log = structlog.get_logger(__name__)

_DAY_S = 86_400
_EXCHANGE = TypeAdapter(Exchange)

_KEEP = """
-- KEYS exchange, exchanges; ARGV exchange, seconds to keep it, spot
redis.call('SREM', KEYS[2], ARGV[3]) -- a Redis that is full lets a script write that has deleted something
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
redis.call('SADD', KEYS[2], ARGV[3])
redis.call('EXPIRE', KEYS[2], ARGV[2])
return 1
"""

_DROP = """
-- KEYS exchange, exchanges; ARGV spot
redis.call('SREM', KEYS[2], ARGV[1])
return redis.call('DEL', KEYS[1])
"""


class RedisExchanges:
    """The port `Exchanges`: every method raises `StoreError` if Redis is away.

    `RedisHistory.migrate` moves them along with the dialogues.
    """

    def __init__(self, redis: Redis, retention_days: int) -> None:
        self._ask: Callable[..., Awaitable[Any]] = redis.execute_command
        self._retention_s = retention_days * _DAY_S
        self._keep = redis.register_script(_KEEP)
        self._drop = redis.register_script(_DROP)

    async def newest(self, conversation: ConversationKey) -> Exchange | None:
        """Return it; None if there is none, if it cannot be read, or if its messages are in another chat."""
        key, _ = _keys(conversation)
        with store_errors():
            raw = await self._ask("GET", key, **{NEVER_DECODE: True})
        exchange = None if raw is None else load_exchange(raw)
        return exchange if exchange and exchange.chat_id in {0, conversation.chat_id} else None

    async def keep(self, conversation: ConversationKey, exchange: Exchange) -> None:
        """Remember it in place of the one before."""
        with store_errors():
            await self._keep(
                keys=_keys(conversation),
                args=[dump_exchange(exchange), self._retention_s, spot(conversation)],
            )

    async def drop(self, conversation: ConversationKey) -> None:
        """Forget it."""
        with store_errors():
            await self._drop(keys=_keys(conversation), args=[spot(conversation)])


def dump_exchange(exchange: Exchange) -> bytes:
    """Return the JSON; half a surrogate pair, which JSON of a model may contain, becomes `?`."""
    text = json.dumps(asdict(exchange), ensure_ascii=False, separators=(",", ":"))
    return text.encode(errors="replace")


def load_exchange(raw: bytes) -> Exchange | None:
    """Return the exchange; None if it is corrupt. Names that a newer version has added are ignored."""
    try:
        return _EXCHANGE.validate_json(raw)
    except ValidationError as error:
        log.warning("corrupt exchange skipped", size_bytes=len(raw), mistakes=error.error_count())
        return None


def _keys(conversation: ConversationKey) -> list[str]:
    chat = ChatKeys.of(conversation)
    return [chat.exchange(spot(conversation)), chat.exchanges]
