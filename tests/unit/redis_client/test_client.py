import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from redis.exceptions import ConnectionError as NoConnection
from redis.exceptions import ReadOnlyError, RedisError, ResponseError
from redis.exceptions import TimeoutError as TooLong
from structlog.testing import capture_logs

from bot.embedded import EmbeddedRedis
from bot.errors import StoreError
from bot.redis_client import Address, Client
from bot.redis_client import client as module
from bot.redis_client.connections import NotTheMasterError
from bot.store import store_errors
from tests.tools.deployments import Node, running, until
from tests.tools.redis_server import free_port

KEY = "{govorun:42}:key"


@asynccontextmanager
async def client(url: str, *, timeout_s: float = 60, connections: int = 10) -> AsyncIterator[Client]:
    async with Client(Address.of(url), timeout_s=timeout_s, connections=connections) as redis:
        yield redis


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Node]:
    node = Node(tmp_path / "node")
    async with running(node):
        yield node


def url_of(node: Node) -> str:
    return f"redis://127.0.0.1:{node.port}/0"


async def test_it_is_a_redis_whose_answers_are_text(redis_url: str) -> None:
    async with client(redis_url) as redis:
        await redis.set(KEY, "да")

        assert await redis.get(KEY) == "да"
        assert await redis.register_script("return ARGV[1]")(args=["x"]) == "x"


async def test_a_unix_socket_leads_there_too(tmp_path: Path) -> None:
    async with EmbeddedRedis(tmp_path) as server, client(server.url) as redis:
        assert await redis.ping()


async def test_a_server_that_hangs_is_waited_for_no_longer_than_allowed(node: Node) -> None:
    async with client(url_of(node), timeout_s=1) as redis:
        await redis.ping()
        node.freeze()

        began_at = asyncio.get_running_loop().time()
        with pytest.raises(TooLong):
            await redis.ping()
        waited_s = asyncio.get_running_loop().time() - began_at

        node.thaw()
        assert await redis.ping()
        assert waited_s >= 1


async def test_repeated_attempts_do_not_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_RETRIES", 10**6)
    async with client(f"redis://127.0.0.1:{free_port()}", timeout_s=0.5) as redis:
        with pytest.raises(TooLong, match=r"no answer within 0\.5 s"):
            await redis.ping()


async def test_a_server_that_was_restarted_is_spoken_to_again(node: Node) -> None:
    async with client(url_of(node)) as redis:
        await redis.ping()
        node.kill()
        with pytest.raises(NoConnection):
            await redis.ping()

        await node.start()

        assert await redis.ping()


async def test_a_restart_is_told_once_however_many_calls_fail(node: Node) -> None:
    async with client(url_of(node)) as redis:
        with capture_logs() as told:
            node.kill()
            await asyncio.gather(*(redis.ping() for _ in range(5)), return_exceptions=True)
            assert "Redis does not answer" in redis.episode.trouble
            await node.start()
            await until(lambda: _well(redis))

    assert [line["event"] for line in told] == ["redis is in trouble", "redis is well again"]


async def _well(redis: Client) -> bool:
    return bool(await redis.ping()) and not redis.episode.trouble


async def test_a_master_that_becomes_a_replica_is_left(node: Node) -> None:
    async with client(url_of(node)) as redis:
        await redis.set(KEY, "1")
        before = await redis.client_id()
        await node.ask("REPLICAOF", "127.0.0.1", "1")

        with pytest.raises(NotTheMasterError) as told:
            await redis.set(KEY, "2")
        await node.ask("REPLICAOF", "NO", "ONE")

        assert isinstance(told.value.__cause__, ReadOnlyError)
        assert await redis.client_id() != before


async def test_a_blocked_read_does_not_survive_the_demotion_either(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_RETRIES", 0)
    async with client(url_of(node)) as redis:
        blocked = asyncio.ensure_future(redis.xread({KEY: "$"}, block=50_000))
        await until(lambda: _has_blocked(node))
        await node.ask("REPLICAOF", "127.0.0.1", "1")

        with pytest.raises(NotTheMasterError, match="UNBLOCKED"):
            await blocked


async def _has_blocked(node: Node) -> bool:
    return bool((await node.ask("INFO", "clients"))["blocked_clients"])


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("CONFIG", "SET", "maxmemory", "1"), "Redis is full"),
        (("CONFIG", "SET", "min-replicas-to-write", "1"), "too few replicas"),
        (("REPLICAOF", "127.0.0.1", "1"), "a replica now"),
        (("ACL", "SETUSER", "default", "-set"), "refuses the name or password"),
        (("CONFIG", "SET", "requirepass", "secret"), "refuses the name or password"),
        (("CONFIG", "SET", "maxclients", "1"), "no connection to Redis is free"),
    ],
)
async def test_each_trouble_has_its_sentence(node: Node, words: tuple[str, ...], sentence: str) -> None:
    await node.ask(*words)

    async with client(url_of(node)) as redis, _occupied(redis, is_so=words[2] == "maxclients"):
        with pytest.raises(StoreError, match=sentence), store_errors():
            await redis.set(KEY, "1")


@asynccontextmanager
async def _occupied(redis: Client, *, is_so: bool) -> AsyncIterator[None]:
    """Keep a connection busy."""
    if not is_so:
        yield
        return
    async with redis.pubsub() as listener:
        await listener.subscribe("{govorun:42}:signals")
        yield


async def test_a_script_that_runs_for_too_long_is_told(node: Node) -> None:
    await node.ask("CONFIG", "SET", "busy-reply-threshold", "1")
    async with client(url_of(node)) as redis, client(url_of(node)) as other:
        running_wild = asyncio.ensure_future(redis.eval("while true do end", 0))

        async def is_busy() -> bool:
            with store_errors():
                await other.ping()
            return False

        with pytest.raises(StoreError, match="busy with one script"):
            await _until_raised(is_busy)
        await node.ask("SCRIPT", "KILL")
        with pytest.raises(RedisError):
            await running_wild


async def _until_raised(step: Callable[[], Awaitable[bool]]) -> None:
    while not await step():  # noqa: ASYNC110 - what a server tells is no event
        await asyncio.sleep(0.01)


async def test_a_disk_that_is_full_is_told(node: Node) -> None:
    await node.ask("CONFIG", "SET", "appendonly", "no")
    await node.ask("CONFIG", "SET", "save", "3600 1")
    await node.ask("SET", "something", "new")
    (node.folder / "dump.rdb").mkdir()
    async with client(url_of(node)) as redis:
        await redis.bgsave()

        async def is_refused() -> bool:
            with store_errors():
                await redis.set(KEY, "1")
            return False

        with pytest.raises(StoreError, match="cannot write to its disk"):
            await _until_raised(is_refused)


async def test_a_pool_that_is_used_up_is_told(redis_url: str) -> None:
    async with client(redis_url, connections=1) as redis, redis.pubsub() as listener:
        await listener.subscribe("{govorun:42}:signals")

        with pytest.raises(StoreError, match=r"raise REDIS__CONNECTIONS"), store_errors():
            await redis.ping()


async def test_a_server_that_has_lost_its_scripts_is_given_them(redis_url: str) -> None:
    async with client(redis_url) as redis:
        script = redis.register_script("return ARGV[1]")
        for _ in range(2):
            await redis.script_flush()
            assert await script(args=["x"]) == "x"

        assert not redis.episode.trouble


async def test_what_is_expected_is_no_trouble(redis_url: str) -> None:
    async with client(redis_url) as redis:
        await redis.xgroup_create(KEY, "workers", mkstream=True)

        with pytest.raises(ResponseError, match="BUSYGROUP"):
            await redis.xgroup_create(KEY, "workers")
        with pytest.raises(ResponseError, match="NOGROUP"):
            await redis.xreadgroup("others", "me", {KEY: ">"})

        assert not redis.episode.trouble


async def test_a_cancelled_call_is_no_trouble(node: Node) -> None:
    async with client(url_of(node)) as redis:
        call = asyncio.ensure_future(redis.xread({KEY: "$"}, block=50_000))
        await until(lambda: _has_blocked(node))

        call.cancel()

        with pytest.raises(asyncio.CancelledError):
            await call
        assert not redis.episode.trouble
