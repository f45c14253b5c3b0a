"""Who knows where the server is just now: the Sentinels, or the nodes of a Cluster.

All keys of a bot lie in one slot, so in a Cluster, too, there is one server to speak to: the owner of the slot.
Which slot that is, is learnt from the first refusal, which names it. A client that follows one server needs
no more than this; redis-py's client for Clusters keeps a pool for every node, and its pipelines, scripts and
blocking reads differ from those of `Redis`.

Source: https://redis.io/docs/latest/develop/reference/sentinel-clients/ and
https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#redirection-and-resharding
"""

import asyncio
import math
import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from redis.asyncio import Redis, Sentinel
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import MovedError, RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

from bot.redis_client.address import Host
from bot.tasks import put_down

_FRESH_S = 0.5
"""What was found is believed for so long, so that a thousand connections do not all ask."""
_WATCH_S = 1.0
"""How often Sentinels are asked while all is well: after a failover by hand, the old master goes on taking
writes, which will be lost, until Sentinel turns it into a replica some ten seconds later."""


class Guide(ABC):
    """Knows where the server is, or whom to ask."""

    checks_role = False
    """Whether what answers at the address has to be asked if it is a master."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.newest: Host | None = None
        """Where the server was when it was last looked for."""
        self._clock = clock
        self._found_at = -math.inf
        self._lock = asyncio.Lock()

    async def find(self) -> Host:
        """Look for the server, or say where it was a moment ago.

        Raises:
            redis.exceptions.ConnectionError: nobody knows; as a failed connection would, which is then retried.
        """
        async with self._lock:
            if self.newest is None or self._clock() - self._found_at > _FRESH_S:
                self.newest = await self._look()
                self._found_at = self._clock()
            return self.newest

    def doubt(self, error: Exception) -> None:  # noqa: ARG002 - what a server says of it tells some guides more
        """Take note that the server is not there any more."""
        self._found_at = -math.inf

    @abstractmethod
    async def _look(self) -> Host: ...

    async def aclose(self) -> None:  # noqa: B027 - not every guide has something to close
        """Close its own connections."""


class SentinelGuide(Guide):
    """Asks the Sentinels who the master is, and goes on asking."""

    checks_role = True
    _watch: "asyncio.Task[None] | None" = None

    def __init__(
        self, seeds: Sequence[Host], service: str, options: Mapping[str, Any], *, timeout_s: float
    ) -> None:
        super().__init__()
        patience_s = timeout_s / (len(seeds) + 1)  # a call has to outlast Sentinels that do not answer
        timeouts = {"socket_timeout": patience_s, "socket_connect_timeout": patience_s}
        self._sentinel = Sentinel(  # type: ignore[no-untyped-call]
            list(seeds), sentinel_kwargs={**options, **timeouts, "retry": Retry(NoBackoff(), 0)}
        )
        self._service = service

    async def _look(self) -> Host:
        if self._watch is None:
            self._watch = asyncio.create_task(self._keep_looking(), name="redis sentinel")
        host, port = await self._sentinel.discover_master(self._service)
        return str(host), int(port)

    async def _keep_looking(self) -> None:
        while True:
            await asyncio.sleep(_WATCH_S)
            with suppress(RedisError, OSError):
                await self.find()

    async def aclose(self) -> None:
        """Stop asking."""
        await put_down(self._watch)
        await self._sentinel.aclose()


class ClusterGuide(Guide):
    """Asks the nodes who owns the bot's slot."""

    def __init__(self, seeds: Sequence[Host], options: Mapping[str, Any], *, timeout_s: float) -> None:
        super().__init__()
        self._seeds = tuple(seeds)
        self._nodes: tuple[Host, ...] = ()
        self._slot: int | None = None
        self._told: Host | None = None
        patience_s = timeout_s / 4
        self._options = {
            **options,
            "socket_timeout": patience_s,
            "socket_connect_timeout": patience_s,
            "retry": Retry(NoBackoff(), 0),
        }

    def doubt(self, error: Exception) -> None:
        """Take note; a refusal tells the slot and its owner."""
        super().doubt(error)
        if isinstance(error, MovedError):
            self._slot = error.slot_id
            self._told = (error.host or (self.newest or self._seeds[0])[0], error.port)

    async def _look(self) -> Host:
        if (told := self._told) is not None:
            self._told = None
            return told
        for node in self._candidates():
            with suppress(RedisConnectionError, RedisTimeoutError):
                if owner := await self._ask(node):
                    return owner
        raise RedisConnectionError(f"no node of the cluster at {self._seeds} knows where the bot's keys are")

    def _candidates(self) -> Iterator[Host]:
        """Yield the nodes, the one that was the owner last, because it may be gone."""
        known = dict.fromkeys((*self._nodes, *self._seeds))
        yield from (node for node in known if node != self.newest)
        if self.newest in known:
            yield self.newest

    async def _ask(self, node: Host) -> Host | None:
        """Return the owner of the slot; while the slot is not known, any owner, who will tell of it."""
        async with Redis(host=node[0], port=node[1], decode_responses=True, **self._options) as redis:
            ask: Callable[..., Awaitable[Any]] = redis.execute_command
            ranges = await ask("CLUSTER", "SLOTS")
        self._nodes = tuple({_host(one, node): None for _, _, *nodes in ranges for one in nodes})
        owned = ((first, last, _host(owner, node)) for first, last, owner, *_ in ranges)
        return next(
            (owner for first, last, owner in owned if self._slot is None or first <= self._slot <= last), None
        )


def _host(told: Sequence[Any], asked: Host) -> Host:
    """Read a node; one that does not know its own name is there where it was asked."""
    host, port = told[:2]
    return (str(host) if host and host != "?" else asked[0]), int(port)
