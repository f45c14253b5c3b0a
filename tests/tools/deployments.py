"""Redis as operators run it for not losing it: a master with a replica and Sentinels, and a Cluster.

All are processes of this machine, which tests may kill and stop; their data goes with the test's folder.
"""

import asyncio
import random
import signal
import socket
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from tests.tools.redis_server import SERVER

SERVICE = "govorun"
_ALONE_MS = 500
"""After so long a silence a node is taken for dead."""


class Node:
    """One process of `redis-server`, also as a Sentinel or a node of a Cluster."""

    def __init__(self, folder: Path, *options: str, is_sentinel: bool = False) -> None:
        self.folder = folder
        self.port = lasting_port()
        folder.mkdir(parents=True, exist_ok=True)
        self._process: subprocess.Popen[bytes] | None = None
        basics = f"port {self.port}\nbind 127.0.0.1\ndir {folder}\nlogfile {folder}/log\n"
        keeping = "" if is_sentinel else 'appendonly yes\nsave ""\nrepl-diskless-sync-delay 0\n'
        config = folder / "node.conf"
        config.write_text(basics + keeping + "\n".join(options) + "\n")
        self._command = [SERVER, str(config), *(["--sentinel"] if is_sentinel else [])]

    @property
    def address(self) -> tuple[str, int]:
        return "127.0.0.1", self.port

    async def start(self) -> None:
        """Start it and wait until it answers."""
        self._process = subprocess.Popen(self._command)  # noqa: ASYNC220 - returns at once
        await until(self._is_up)

    async def _is_up(self) -> bool:
        """Whether it answers, and not another process that has taken its port."""
        assert self._process
        assert self._process.poll() is None, (self.folder / "log").read_text()
        return int((await self.ask("INFO", "server"))["process_id"]) == self._process.pid

    async def ask(self, *words: str | int) -> Any:
        """Ask this node itself, once."""
        async with Redis(port=self.port, decode_responses=True, retry=Retry(NoBackoff(), 0)) as redis:
            ask: Callable[..., Awaitable[Any]] = redis.execute_command
            return await ask(*words)

    def kill(self) -> None:
        """Kill it as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        """Let it hang: it keeps its connections and answers nothing."""
        assert self._process
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        assert self._process
        self._process.send_signal(signal.SIGCONT)


def lasting_port() -> int:
    """A free port that no connection of a client will be given: below those that the system hands out."""
    while True:
        port = random.randrange(10_000, 30_000)  # noqa: S311 - no secret
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


async def until(condition: Callable[[], Awaitable[object]], timeout_s: float = 120) -> None:
    """Wait until something is so; errors of Redis mean that it is not yet."""
    async with asyncio.timeout(timeout_s):
        while True:
            with suppress(RedisError, OSError):
                if await condition():
                    return
            await asyncio.sleep(0.02)


@asynccontextmanager
async def running(*nodes: Node) -> AsyncIterator[None]:
    """Start nodes, and kill them at the end."""
    async with AsyncExitStack() as stack:
        for node in nodes:
            stack.callback(node.kill)
            await node.start()
        yield


class Watched:
    """A master, a replica, and Sentinels that watch them."""

    def __init__(self, folder: Path, sentinels: int = 1) -> None:
        self.master = Node(folder / "first")
        self.replica = Node(folder / "second", f"replicaof 127.0.0.1 {self.master.port}")
        quorum = sentinels // 2 + 1
        self.sentinels = [
            Node(
                folder / f"sentinel{number}",
                f"sentinel monitor {SERVICE} 127.0.0.1 {self.master.port} {quorum}",
                f"sentinel down-after-milliseconds {SERVICE} {_ALONE_MS}",
                f"sentinel failover-timeout {SERVICE} 5000",
                is_sentinel=True,
            )
            for number in range(sentinels)
        ]
        self.url = f"redis+sentinel://127.0.0.1:1,{_listed(self.sentinels)}/{SERVICE}/0"

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run all of it, from when a failover is possible."""
        async with running(self.master, self.replica, *self.sentinels):
            await until(self._is_ready)
            yield

    async def _is_ready(self) -> bool:
        for sentinel in self.sentinels:
            told = await sentinel.ask("SENTINEL", "REPLICAS", SERVICE)
            links = [_value(one, "master-link-status") for one in told]
            if "ok" not in links:
                return False
        return True

    async def fail_over(self) -> None:
        """Let the replica become the master, as for maintenance, and wait until it is."""
        await until(lambda: self.sentinels[0].ask("SENTINEL", "FAILOVER", SERVICE))
        await self.until_failed_over()

    async def until_failed_over(self) -> None:
        async def is_over() -> bool:
            _, port = await self.sentinels[0].ask("SENTINEL", "GET-MASTER-ADDR-BY-NAME", SERVICE)
            return int(port) == self.replica.port

        await until(is_over)


class Cluster:
    """Three masters, and a replica of the first."""

    def __init__(self, folder: Path) -> None:
        options = ("cluster-enabled yes", f"cluster-node-timeout {2 * _ALONE_MS}")
        self.nodes = [
            Node(folder / f"node{number}", *options, f"cluster-port {lasting_port()}") for number in range(4)
        ]
        *self.masters, self.replica = self.nodes
        self.url = f"redis+cluster://127.0.0.1:1,{_listed(self.nodes[1:])}"

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run it, from when all slots are served and the replica follows."""
        async with running(*self.nodes):
            for number, (node, slots) in enumerate(zip(self.masters, _SLOTS, strict=True)):
                await node.ask("CLUSTER", "ADDSLOTSRANGE", *slots)
                await node.ask("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
            for node in self.nodes[1:]:
                bus_port = await self._bus_port(self.nodes[0])
                await node.ask("CLUSTER", "MEET", *self.nodes[0].address, bus_port)
            await until(lambda: self._all_know(len(self.nodes)))
            await self.replica.ask("CLUSTER", "REPLICATE", await self.id_of(self.masters[0]))
            await until(self._is_ready)
            yield

    def owner(self, slot: int) -> Node:
        """Return the node that had the slot at the beginning."""
        slots = zip(self.masters, _SLOTS, strict=True)
        return next(node for node, (first, last) in slots if first <= slot <= last)

    async def id_of(self, node: Node) -> str:
        return str(await node.ask("CLUSTER", "MYID"))

    async def move(self, slot: int, source: Node, target: Node) -> None:
        """Move a slot with its keys."""
        ids = {node: await self.id_of(node) for node in (source, target)}
        await target.ask("CLUSTER", "SETSLOT", slot, "IMPORTING", ids[source])
        await source.ask("CLUSTER", "SETSLOT", slot, "MIGRATING", ids[target])
        while keys := await source.ask("CLUSTER", "GETKEYSINSLOT", slot, 100):
            await source.ask("MIGRATE", *target.address, "", 0, 5000, "KEYS", *keys)
        for node in (target, source, *self.masters):
            await node.ask("CLUSTER", "SETSLOT", slot, "NODE", ids[target])

    async def _bus_port(self, node: Node) -> int:
        return int((await node.ask("CONFIG", "GET", "cluster-port"))["cluster-port"])

    async def _all_know(self, count: int) -> bool:
        infos = [await node.ask("CLUSTER", "INFO") for node in self.nodes]
        return all(int(_info(info)["cluster_known_nodes"]) == count for info in infos)

    async def _is_ready(self) -> bool:
        infos = [_info(await node.ask("CLUSTER", "INFO")) for node in self.nodes]
        _, _, _, link, _ = await self.replica.ask("ROLE")
        return all(info["cluster_state"] == "ok" for info in infos) and link == "connected"


_SLOTS = ((0, 5000), (5001, 11000), (11001, 16383))


def _listed(nodes: list[Node]) -> str:
    return ",".join(f"127.0.0.1:{node.port}" for node in nodes)


def _value(told: Any, name: str) -> Any:
    if isinstance(told, dict):
        return told[name]
    return told[told.index(name) + 1]


def _info(told: Any) -> dict[str, str]:
    if isinstance(told, dict):
        return told
    return dict(line.split(":", 1) for line in str(told).split("\r\n") if ":" in line)
