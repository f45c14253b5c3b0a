import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from redis.asyncio import Redis
from structlog.testing import capture_logs

from bot.tasks import put_down
from bot.updates.ear import Ear
from tests.tools.deployments import Node, running, until
from tests.tools.redis_server import RedisProcess

CHANNEL = "{govorun:42}:signals"


class Listener:
    """Writes down what it hears."""

    def __init__(self) -> None:
        self.openings = 0
        self.told: list[str] = []

    def open(self) -> None:
        self.openings += 1

    @asynccontextmanager
    async def listening(self, url: str, silence_s: float = 5.0) -> AsyncIterator[None]:
        async with Redis.from_url(url, decode_responses=True, socket_timeout=0.5) as redis:
            channels = (CHANNEL, "ears:another")
            ear = Ear(redis, channels, when_open=self.open, when_told=self.told.append, silence_s=silence_s)
            listening = asyncio.create_task(ear.listen())
            try:
                await self.opened(1)
                yield
            finally:
                await put_down(listening)

    async def opened(self, times: int) -> None:
        async def are() -> bool:
            return self.openings >= times

        await until(are)

    async def hears(self, redis: Redis, word: str) -> None:
        async def is_heard() -> bool:
            await redis.publish(CHANNEL, word)
            return word in self.told

        await until(is_heard)


async def test_what_is_told_is_heard(redis: Redis, redis_url: str) -> None:
    listener = Listener()

    async with listener.listening(redis_url):
        await listener.hears(redis, "one")

    assert listener.openings == 1


async def test_a_quiet_channel_is_not_left_as_long_as_the_server_lives(redis: Redis, redis_url: str) -> None:
    listener = Listener()

    async with listener.listening(redis_url, silence_s=0.2):
        await asyncio.sleep(1)
        await listener.hears(redis, "one")

    assert listener.openings == 1


async def test_after_a_restart_it_listens_anew_and_says_so_and_that_is_logged_once(
    mortal_redis: RedisProcess,
) -> None:
    listener = Listener()

    with capture_logs() as logs:
        async with listener.listening(mortal_redis.url):
            mortal_redis.kill()
            await asyncio.sleep(3)
            mortal_redis.start()
            await listener.opened(2)
            async with Redis.from_url(mortal_redis.url) as redis:
                await listener.hears(redis, "one")

    assert [line["event"] for line in logs] == [
        "signals of other replicas are not heard",
        "signals of other replicas are heard again",
    ]


async def test_a_connection_that_died_in_silence_is_left(tmp_path: Path) -> None:
    listener, node = Listener(), Node(tmp_path / "node")

    async with running(node), listener.listening(f"redis://127.0.0.1:{node.port}", silence_s=0.1):
        node.freeze()
        await asyncio.sleep(1)
        node.thaw()
        await listener.opened(2)


async def test_the_server_is_asked_for_a_sign_of_life_also_while_much_is_told(
    redis: Redis, redis_url: str
) -> None:
    listener = Listener()
    async with listener.listening(redis_url, silence_s=0.1):
        await redis.config_resetstat()
        for _ in range(30):
            await redis.publish(CHANNEL, "word")
            await asyncio.sleep(0.02)

        assert "cmdstat_ping" in await redis.info("commandstats")
        assert listener.told == ["word"] * 30
        assert listener.openings == 1
