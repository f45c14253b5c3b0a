"""A client for which no call lasts longer than it may, and which tells of troubles once an episode.

To the rooms it is a `Redis`, wherever the server is: alone, behind Sentinel, or the node of a Cluster that owns
the bot's slot.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.connection import Connection
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoScriptError, RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

from bot.redis_client.address import Address, Kind
from bot.redis_client.connections import FOLLOWING
from bot.redis_client.episode import Episode
from bot.redis_client.guides import ClusterGuide, Guide, SentinelGuide

_EXPECTED = ("BUSYGROUP ", "NOGROUP ")
"""Of these and of scripts that are not known whoever asked makes something: they are answers, not troubles."""
_RETRIES, _FIRST_PAUSE_S, _LONGEST_PAUSE_S = 3, 0.05, 0.5


class Client(Redis):
    """A `Redis` that follows its server; close it when done.

    A call ends within `timeout_s`, connecting and repeating included; so whatever blocks in the server must
    ask for less. A call that could not be sent, or whose answer was cut off, is repeated a few times: scripts
    must bear that.
    """

    def __init__(
        self, address: Address, *, timeout_s: float, connections: int, episode: Episode | None = None
    ) -> None:
        self._address, self._connections = address, connections
        self._guide = _guide(address, timeout_s)
        super().__init__(connection_pool=_pool(address, self._guide, timeout_s, connections))
        self.auto_close_connection_pool = True
        self._timeout_s = timeout_s
        self.episode = episode or Episode()
        """What is wrong at present."""

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        """Ask and return the answer."""
        ask: Callable[..., Awaitable[Any]] = super().execute_command
        try:
            async with asyncio.timeout(self._timeout_s):
                answer = await ask(*args, **options)
        except TimeoutError as error:
            silence = RedisTimeoutError(f"no answer within {self._timeout_s:g} s")
            self.episode.failed(silence)
            raise silence from error
        except (RedisError, OSError) as error:
            if not _is_expected(error):
                self.episode.failed(error)
            raise
        self.episode.succeeded()
        return answer

    def another(self) -> "Client":
        """Return a client of the same server for another event loop; troubles are told together."""
        return Client(
            self._address,
            timeout_s=self._timeout_s,
            connections=self._connections,
            episode=self.episode,
        )

    async def aclose(self, close_connection_pool: bool | None = None) -> None:  # noqa: FBT001 - redis-py's
        """Close all connections."""
        await super().aclose(close_connection_pool)
        if self._guide:
            await self._guide.aclose()


def _is_expected(error: Exception) -> bool:
    return isinstance(error, NoScriptError) or str(error).startswith(_EXPECTED)


def _guide(address: Address, timeout_s: float) -> Guide | None:
    match address.kind:
        case Kind.SENTINEL:
            options = address.sentinel_options or {}
            return SentinelGuide(address.seeds, address.service, options, timeout_s=timeout_s)
        case Kind.CLUSTER:
            return ClusterGuide(address.seeds, _plain(address), timeout_s=timeout_s)
        case Kind.SINGLE:
            return None


def _plain(address: Address) -> dict[str, Any]:
    """Return the options as `Redis` takes them, which chooses its connections itself."""
    options = dict(address.options)
    is_tls = options.pop("connection_class", None) is not None
    return {**options, "ssl": True} if is_tls else options


def _pool(address: Address, guide: Guide | None, timeout_s: float, connections: int) -> ConnectionPool:
    options = dict(address.options)
    kind = FOLLOWING[options.pop("connection_class", Connection)]
    ours = {
        "decode_responses": True,
        "max_connections": connections,  # redis-py's own pool refuses the 101st
        "socket_timeout": None,  # each call is limited as a whole; redis-py would start a task for every write
        "socket_connect_timeout": timeout_s,
        "retry": Retry(
            ExponentialBackoff(cap=_LONGEST_PAUSE_S, base=_FIRST_PAUSE_S), _RETRIES, (RedisConnectionError,)
        ),
    }
    return ConnectionPool(connection_class=kind, guide=guide, **{**ours, **options})
