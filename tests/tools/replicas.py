"""Replicas as far as stopping goes: each with its running turns and its signals, all on one Redis."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from redis.asyncio import Redis

from bot.redis_client import Address, Client
from bot.running import Growing, RunningTurns
from bot.types import ConversationKey, Part
from bot.updates.arrivals import channel
from bot.updates.signals import Signals
from tests.tools.deployments import until
from tests.tools.updates import ME

HERE = ConversationKey(42, 1)
ANNAS = Growing(1, 101)
QUESTION = (Part(9, "why?"),)
NEVER_S = 3600.0


class Replica:
    """One process."""

    def __init__(self, redis: Redis, signals: Signals) -> None:
        self.redis = redis
        self.signals = signals
        self.running = RunningTurns(signals)

    async def stop(self) -> bool:
        """Press Stop here, as the handler would."""
        growing = await self.running.growing_in(HERE)
        return growing is not None and await self.running.stop(HERE, growing)

    async def sees(self, growing: Growing | None = ANNAS) -> None:
        """Wait until it is known on the board what grows; None: nothing does."""

        async def is_so() -> bool:
            return await self.signals.find(HERE) == growing

        await until(is_so)


@asynccontextmanager
async def replicas(url: str, count: int = 2, *, look_every_s: float = NEVER_S) -> AsyncIterator[list[Replica]]:
    """Open some, and wait until all of them listen."""
    async with AsyncExitStack() as stack:
        found = []
        for number in range(count):
            client = Client(Address.of(url), timeout_s=1, connections=50)
            redis = await stack.enter_async_context(client)
            signals = Signals(redis, 42, ME, replica=f"replica {number}", look_every_s=look_every_s)
            await stack.enter_async_context(signals)
            found.append(Replica(redis, signals))
        await until(listeners(found[0].redis, count))
        yield found


def listeners(redis: Redis, count: int) -> Callable[[], Awaitable[bool]]:
    """Tell whether so many listen."""

    async def are_there() -> bool:
        numbers: Any = await redis.pubsub_numsub(channel(42))
        return bool(dict(numbers)[channel(42)] == count)

    return are_there
