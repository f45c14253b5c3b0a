from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as NoConnection

from bot.redis_client.address import Host
from bot.redis_client.connections import NotTheMasterError, TcpConnection
from bot.redis_client.guides import ClusterGuide, Guide
from tests.tools.clock import FakeClock
from tests.tools.deployments import Node, running


class Signpost(Guide):
    """A guide that points where a test wants."""

    def __init__(
        self, *places: Host, checks_role: bool = False, clock: Callable[[], float] | None = None
    ) -> None:
        super().__init__(clock or FakeClock())
        self.places = list(places)
        self.checks_role = checks_role

    async def _look(self) -> Host:
        return self.places.pop(0)


@asynccontextmanager
async def led_by(guide: Guide) -> AsyncIterator[Redis]:
    pool = ConnectionPool(
        connection_class=TcpConnection, guide=guide, decode_responses=True, retry=Retry(NoBackoff(), 0)
    )
    async with Redis.from_pool(pool) as redis:
        yield redis


async def test_what_was_found_is_believed_for_a_moment_and_no_longer() -> None:
    clock = FakeClock()
    guide = Signpost(("a", 1), ("b", 2), ("c", 3), clock=clock)

    assert [await guide.find(), await guide.find()] == [("a", 1), ("a", 1)]
    clock.advance(1)
    assert await guide.find() == ("b", 2)
    guide.doubt(NoConnection())
    assert await guide.find() == ("c", 3)


async def test_an_idle_connection_does_not_stay_where_the_server_was(tmp_path: Path) -> None:
    old, new = Node(tmp_path / "old"), Node(tmp_path / "new")
    async with running(old, new), led_by(guide := Signpost(old.address, new.address)) as redis:
        await redis.set("key", "old")
        guide.doubt(NoConnection())
        await guide.find()

        assert await redis.get("key") is None


async def test_what_is_not_the_master_is_not_spoken_to(tmp_path: Path) -> None:
    old, new = Node(tmp_path / "old", "replicaof 127.0.0.1 1"), Node(tmp_path / "new")
    guide = Signpost(old.address, new.address, checks_role=True)
    async with running(old, new), led_by(guide) as redis:
        with pytest.raises(NotTheMasterError, match=f"127.0.0.1:{old.port} is not the master"):
            await redis.get("key")

        assert await redis.get("key") is None


async def test_a_server_that_may_not_tell_its_role_is_believed(tmp_path: Path) -> None:
    node = Node(tmp_path)
    async with running(node), led_by(Signpost(node.address, checks_role=True)) as redis:
        await node.ask("ACL", "SETUSER", "default", "-role")

        assert await redis.ping()


async def test_a_slot_that_nobody_serves_is_told(tmp_path: Path) -> None:
    node = Node(tmp_path, "cluster-enabled yes")
    async with running(node):
        guide = ClusterGuide([node.address], {}, timeout_s=5)

        with pytest.raises(NoConnection, match="no node of the cluster"):
            await guide.find()
