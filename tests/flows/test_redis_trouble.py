"""The whole bot while Redis is in trouble: it stays up, says so once, and answers when Redis is back."""

import asyncio
import math
import os
import re
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from redis.asyncio import Redis
from redis.asyncio.client import Monitor
from redis.crc import key_slot
from redis.exceptions import ResponseError
from structlog.testing import capture_logs

from bot.embedded import socket_path
from bot.sandbox.telegram.world import Account, Chat
from bot.store import Trouble
from bot.tasks import put_down
from tests.tools.deployments import Cluster, Node, Watched, running, until
from tests.tools.house import ANNA, BOT, FORUM, GROUP, TOPIC, House, open_house
from tests.tools.redis_server import free_port

STRANGER = 77
_WORD = re.compile(r'"((?:[^"\\]|\\.)*)"')
SLOT = key_slot(b"{govorun:%d}" % BOT.user_id)
Step = Callable[[Node], Awaitable[Any]]


async def readiness(port: int) -> dict[str, str]:
    async with httpx.AsyncClient(trust_env=False) as web:
        return dict((await web.get(f"http://127.0.0.1:{port}/readyz", timeout=20)).json())


@asynccontextmanager
async def a_house(url: str | None, **changes: Any) -> AsyncIterator[tuple[House, int]]:
    """A running bot, and the port of its health checks."""
    port = free_port()
    redis = {"url": url, **changes.pop("redis", {})}
    async with open_house("", redis=redis, http={"port": port}, workers={"lease_s": 2}, **changes) as house:
        yield house, port
        house.judge()


async def is_answered(house: House, words: str, before: int) -> None:
    """Wait until the newest answer is to these words."""
    await house.until(lambda: len(house.notebook.traces) > before, 50)
    assert [message["text"] for message in house.bodies()[-1]["messages"]][-1] == words
    assert house.world.text_of_last_bot_message(ANNA)


def lines(told: list[Any]) -> list[str]:
    """What the log says of Redis itself."""
    ours = ("redis is in trouble", "redis is well again")
    return [line["event"] for line in told if line["event"] in ours]


async def killed(node: Node) -> None:
    node.kill()


async def frozen(node: Node) -> None:
    node.freeze()


async def thawed(node: Node) -> None:
    node.thaw()


def asked(*words: str) -> Step:
    return lambda node: node.ask(*words)


TROUBLES: dict[str, tuple[Step, Step, Trouble]] = {
    "dead": (killed, Node.start, Trouble.AWAY),
    "frozen": (frozen, thawed, Trouble.AWAY),
    "full": (asked("CONFIG", "SET", "maxmemory", "1"), asked("CONFIG", "SET", "maxmemory", "0"), Trouble.FULL),
    "alone": (
        asked("CONFIG", "SET", "min-replicas-to-write", "1"),
        asked("CONFIG", "SET", "min-replicas-to-write", "0"),
        Trouble.ALONE,
    ),
    "demoted": (asked("REPLICAOF", "127.0.0.1", "1"), asked("REPLICAOF", "NO", "ONE"), Trouble.DEMOTED),
}


@pytest.mark.parametrize(("begin", "end", "trouble"), TROUBLES.values(), ids=TROUBLES)
async def test_a_question_in_times_of_trouble_is_answered_when_they_are_over(
    tmp_path: Path, begin: Step, end: Step, trouble: Trouble
) -> None:
    node = Node(tmp_path / "node")
    async with running(node), a_house(f"redis://127.0.0.1:{node.port}") as (house, port):
        await house.asks("10 words")
        with capture_logs() as told:
            await begin(node)
            house.world.say(ANNA, ANNA, "11 words")

            async def is_told() -> bool:
                return "redis" in await readiness(port)

            await until(is_told)
            await house.until(lambda: lines(told))
            await end(node)
            await is_answered(house, "11 words", 1)

    (why,) = [line["why"] for line in told if line["event"] == "redis is in trouble"]
    assert why.startswith(trouble.value)


@pytest.mark.parametrize(("begin", "end", "trouble"), TROUBLES.values(), ids=TROUBLES)
async def test_an_answer_that_grows_in_times_of_trouble_is_whole_and_remembered(
    tmp_path: Path, begin: Step, end: Step, trouble: Trouble
) -> None:
    del trouble
    node = Node(tmp_path / "node")
    async with running(node), a_house(f"redis://127.0.0.1:{node.port}") as (house, _):
        house.models.token_s = 0.01
        house.world.say(ANNA, ANNA, "150 words")
        await house.until(lambda: house.world.bot_messages(ANNA))
        await begin(node)
        await house.until(lambda: len(house.world.text_of_last_bot_message(ANNA).split()) >= 150)
        await end(node)
        await house.until(lambda: house.notebook.traces)
        await house.asks("3 words", turns=1)

        messages = [message["text"] for message in house.bodies()[-1]["messages"]]
        assert [text for text in messages if text.endswith(" words")] == ["150 words", "3 words"]
        assert len(house.world.bot_messages(ANNA)) == 2


async def test_a_bot_that_starts_on_a_full_redis_begins_when_there_is_room(tmp_path: Path) -> None:
    node, port = Node(tmp_path / "node"), free_port()

    async def makes_room() -> None:
        async def is_told() -> bool:
            with suppress(httpx.ConnectError):
                return (await readiness(port)).get("redis", "").startswith(Trouble.FULL.value)
            return False

        await until(is_told)
        await node.ask("CONFIG", "SET", "maxmemory", "0")

    async with running(node):
        await node.ask("CONFIG", "SET", "maxmemory", "1")
        making = asyncio.create_task(makes_room())
        async with open_house(
            "", redis={"url": f"redis://127.0.0.1:{node.port}"}, http={"port": port}
        ) as house:
            await making
            assert (await house.asks("10 words")).outcome == "complete"


async def test_the_embedded_redis_that_is_killed_is_back_before_people_notice(tmp_path: Path) -> None:
    async with a_house(None, redis={"dir": tmp_path}) as (house, _):
        await house.asks("10 words")
        async with Redis(unix_socket_path=str(socket_path(tmp_path))) as redis:
            process_id = (await redis.info("server"))["process_id"]
        os.kill(process_id, signal.SIGKILL)

        await house.asks("11 words")

        assert "10 words" in [message["text"] for message in house.bodies()[-1]["messages"]]


async def test_with_sentinel_the_bot_survives_its_master(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    async with watched.running(), a_house(watched.url) as (house, _):
        await house.asks("10 words")
        await until(lambda: watched.master.ask("WAIT", 1, 1000))
        watched.master.kill()

        await house.asks("11 words")

        assert "10 words" in [message["text"] for message in house.bodies()[-1]["messages"]]


async def test_in_a_cluster_the_bot_survives_its_node(tmp_path: Path) -> None:
    cluster = Cluster(tmp_path)
    async with cluster.running():
        await cluster.move(SLOT, cluster.owner(SLOT), cluster.masters[0])
        async with a_house(cluster.url) as (house, _):
            await house.asks("10 words")
            await until(lambda: cluster.masters[0].ask("WAIT", 1, 1000))
            cluster.masters[0].kill()

            await house.asks("11 words")

            assert "10 words" in [message["text"] for message in house.bodies()[-1]["messages"]]


async def test_whatever_the_bot_does_all_its_keys_lie_in_one_slot(tmp_path: Path) -> None:
    node = Node(tmp_path / "node")
    changes: dict[str, Any] = {
        "access": {"policy": "list", "owners": [ANNA]},
        "replies": {"transport": "draft"},
    }
    async with running(node), a_house(f"redis://127.0.0.1:{node.port}", **changes) as (house, _):
        world = house.world
        async with keys_touched(node) as keys:
            await house.asks("10 words")
            await house.asks("/ask 10 words", GROUP, ANNA)
            await house.asks("/ask 10 words", FORUM, ANNA, topic_id=TOPIC)
            world.say(ANNA, ANNA, "/new")
            world.add_person(Account(STRANGER, "Stranger", "en"))
            world.add_chat(Chat(STRANGER, "private", title="Stranger", members={STRANGER}))
            world.say(STRANGER, STRANGER, "let me in")
            await house.until(lambda: world.bot_messages(STRANGER))

    assert len(keys) > 15
    assert {key_slot(key.encode()) for key in keys} == {SLOT}


@asynccontextmanager
async def keys_touched(node: Node) -> AsyncIterator[set[str]]:
    """Note the keys of all commands while the context is open, those that scripts give included."""
    keys: set[str] = set()
    commands: set[tuple[str, ...]] = set()
    async with Redis(port=node.port, decode_responses=True) as redis, redis.monitor() as monitor:
        listening = asyncio.create_task(_listen(monitor, commands))
        yield keys
        await put_down(listening)
    for command in commands:
        with suppress(ResponseError):  # it has no keys
            keys.update(await node.ask("COMMAND GETKEYS", *command))


async def _listen(monitor: Monitor, commands: set[tuple[str, ...]]) -> None:
    assert monitor.connection
    while True:  # not its `listen`, which cannot be split into words again
        commands.add(tuple(_WORD.findall(str(await monitor.connection.read_response(timeout=math.inf)))))
