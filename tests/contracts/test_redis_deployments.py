"""The inbox behind Sentinel and in a Cluster: the scenarios of a single server, and what ends one server."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
import pytest_asyncio
from redis.asyncio import Redis
from redis.crc import key_slot
from redis.exceptions import RedisError

from bot.errors import ConfigError, StoreError
from bot.redis_client import Address, Client
from bot.redis_server import require_version
from bot.store import key_prefix
from bot.types import ConversationKey
from bot.updates.inbox import RedisInbox
from tests.tools.deployments import Cluster, Node, Watched, running, until
from tests.unit.updates import test_inbox as scenarios

BOT = scenarios.BOT
SLOT = key_slot(key_prefix(BOT).encode())


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=[Watched, Cluster])
async def deployment(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Watched | Cluster]:
    kind: Callable[[Path], Watched | Cluster] = request.param
    one = kind(tmp_path_factory.mktemp("deployment"))
    async with one.running():
        yield one


@pytest.fixture
async def redis(deployment: Watched | Cluster) -> AsyncIterator[Redis]:
    masters = [deployment.master] if isinstance(deployment, Watched) else deployment.masters
    for master in masters:
        await master.ask("FLUSHALL")
    async with client(deployment.url) as redis:
        yield redis


inbox, other = scenarios.inbox, scenarios.other
for name, scenario in list(vars(scenarios).items()):
    if name.startswith("test_") and "mortal_redis" not in inspect.signature(scenario).parameters:
        globals()[name] = scenario


@asynccontextmanager
async def client(url: str, *, timeout_s: float = 5) -> AsyncIterator[Client]:
    async with Client(Address.of(url), timeout_s=timeout_s, connections=200) as redis:
        yield redis


@asynccontextmanager
async def an_inbox(url: str) -> AsyncIterator[tuple[RedisInbox, Client]]:
    async with client(url) as redis:
        box = RedisInbox(redis, BOT, consumer="first")
        await box.open()
        yield box, redis


async def put(inbox: RedisInbox, number: int) -> None:
    """Put an update, as ingress does: until it is kept."""

    async def is_kept() -> bool:
        try:
            await inbox.put(scenarios.envelope(number, ConversationKey(BOT, number)))
        except StoreError:
            return False
        return True

    await until(is_kept)


async def kept(inbox: RedisInbox) -> set[str]:
    """All that was put and is there."""
    found: set[str] = set()
    while claims := await inbox.claim(inbox.ready, 50, wait_ms=1):
        found |= {claim.update for claim in claims}
    return found


def numbered(first: int, last: int) -> set[str]:
    return {f'{{"update_id":{number}}}' for number in range(first, last + 1)}


async def test_after_the_death_of_a_master_the_inbox_goes_on_with_its_replica(tmp_path: Path) -> None:
    watched = Watched(tmp_path, sentinels=3)
    async with watched.running(), an_inbox(watched.url) as (inbox, redis):
        for number in range(1, 11):
            await put(inbox, number)
        assert await redis.wait(1, 5000) == 1
        watched.sentinels[0].kill()
        watched.master.kill()

        await put(inbox, 11)

        assert await kept(inbox) == numbered(1, 11)
        assert await redis.config_get("port") == {"port": str(watched.replica.port)}


async def test_of_what_is_put_during_a_failover_by_hand_only_what_was_under_way_is_lost(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    replicated: set[int] = set()
    async with watched.running(), an_inbox(watched.url) as (inbox, redis):
        await watched.master.ask("CONFIG", "SET", "min-replicas-to-write", "1")
        failing_over = asyncio.create_task(watched.fail_over())
        for number in range(1, 201):
            await put(inbox, number)
            with suppress(RedisError):
                replicated |= {number} if await redis.wait(1, 50) else set()
        await failing_over
        await put(inbox, 201)

        found = await kept(inbox)
        assert await redis.config_get("port") == {"port": str(watched.replica.port)}
        assert {f'{{"update_id":{number}}}' for number in replicated} <= found
        assert len(numbered(1, 201) - found) <= 3


async def test_an_idle_client_hears_of_a_failover(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    async with watched.running(), client(watched.url) as redis:
        await redis.set("{govorun:42}:key", "old")
        await redis.wait(1, 5000)
        await watched.fail_over()
        await watched.replica.ask("SET", "{govorun:42}:key", "new")

        async def has_moved() -> bool:
            return await redis.get("{govorun:42}:key") == "new"

        await until(has_moved, timeout_s=5)


async def test_a_name_that_sentinel_does_not_know_is_told(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    async with watched.running(), client(watched.url.replace("/govorun/", "/other/"), timeout_s=1) as redis:
        with pytest.raises(StoreError, match="No master found for 'other'"):
            await require_version(redis)


async def test_after_the_death_of_a_node_the_inbox_goes_on_with_its_replica(tmp_path: Path) -> None:
    cluster = Cluster(tmp_path)
    async with cluster.running():
        await cluster.move(SLOT, cluster.owner(SLOT), cluster.masters[0])
        async with an_inbox(cluster.url) as (inbox, redis):
            for number in range(1, 11):
                await put(inbox, number)
            assert await redis.wait(1, 5000) == 1
            cluster.masters[0].kill()

            await put(inbox, 11)

            assert await kept(inbox) == numbered(1, 11)


async def test_a_slot_that_moves_takes_the_inbox_along(tmp_path: Path) -> None:
    cluster = Cluster(tmp_path)
    async with cluster.running(), an_inbox(cluster.url) as (inbox, redis):
        source, target = cluster.owner(SLOT), cluster.masters[0]
        await put(inbox, 1)
        await cluster.move(SLOT, source, target)
        source.kill()

        await put(inbox, 2)

        assert await kept(inbox) == numbered(1, 2)
        assert await redis.config_get("port") == {"port": str(target.port)}


async def test_a_cluster_that_is_none_is_a_mistake_in_the_settings(tmp_path: Path) -> None:
    node = Node(tmp_path)
    async with running(node), client(f"redis+cluster://127.0.0.1:{node.port}") as redis:
        with pytest.raises(ConfigError, match=r"^\.env: REDIS__URL: .*cluster support disabled"):
            await require_version(redis)


async def test_a_cluster_whose_nodes_are_all_gone_is_told() -> None:
    async with client("redis+cluster://127.0.0.1:1,127.0.0.1:2", timeout_s=10) as redis:
        with pytest.raises(StoreError, match="no node of the cluster"):
            await require_version(redis)


async def test_a_node_of_a_cluster_is_not_taken_for_a_server(tmp_path: Path) -> None:
    cluster = Cluster(tmp_path)
    async with cluster.running(), client(f"redis://127.0.0.1:{cluster.masters[0].port}") as redis:
        box = RedisInbox(redis, BOT, consumer="first")

        with pytest.raises(StoreError, match=r"redis\+cluster://"):
            await box.open()


def test_no_scenario_is_forgotten() -> None:
    assert len([name for name in globals() if name in vars(scenarios) and name.startswith("test_")]) > 15
