"""The bot's own Redis: a server process on a Unix socket, with its data in a folder, for as long as a bot runs.

Several bots may share a folder. Whoever holds the lock file owns the server: starts it, restarts it when it
dies, and stops it at the end. The others use it, and the first that misses it becomes the owner. A server whose
owner was killed goes on running and is taken over by the next bot. Two servers never run on the same data: a
new one is started only under the lock, and only when nobody listens at the socket.

For Linux and macOS; Windows has neither `flock` nor a Redis of its own.
"""

import asyncio
import fcntl
import hashlib
import math
import os
import subprocess
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, closing, suppress
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

import structlog

from bot.errors import ConfigError, GovorunError, Problem, StoreError
from bot.redis_server import find_server, last_words

log = structlog.get_logger(__name__)

_LONGEST_SOCKET_BYTES = 100
"""Of its path; 103 would do on macOS and 107 on Linux. Source: sys/un.h of either."""
_SHORT_FOLDER = "/tmp"  # noqa: S108 - TMPDIR may differ between bots; a folder in it is made private before use
_PRIVATE = 0o700
_BEAT_S = 0.02
_CALM_S = 10.0
_REAP_S = 1.0
_LONGEST_DELAY_S = 5.0


class EmbeddedRedis:
    """A Redis server that is there while the context is open, and comes back by itself when it dies.

    `start_timeout_s` does not include the reading of the data, which takes what it takes; after
    `stop_timeout_s` a server that still writes is killed. The data outlives the bot and a killed server; a
    crash of the machine costs about a second of it.
    """

    def __init__(
        self,
        folder: Path,
        *,
        start_timeout_s: float = 60,
        stop_timeout_s: float = 10,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._folder = folder.resolve()
        self._socket = socket_path(self._folder)
        self._lock = _Lock(self._folder / "redis.lock")
        self._start_timeout_s = start_timeout_s
        self._stop_timeout_s = stop_timeout_s
        self._clock = clock
        self._sleep = sleep
        self._process: subprocess.Popen[bytes] | None = None
        self._log_begins_at = 0
        self._wire: _Wire | None = None
        self._keeper: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """Where to connect, in the form that redis-py reads; the same for the whole life time."""
        return f"unix://{quote(str(self._socket))}"

    @property
    def log_file(self) -> Path:
        """Where the server tells what it does."""
        return self._folder / "redis.log"

    async def __aenter__(self) -> Self:
        """Return when the server answers.

        Raises:
            ConfigError: there is no program to start, or the folder cannot be used.
            StoreError: the server does not start; its log file tells why.
        """
        self._take_the_folder()
        try:
            self._wire = await self._settle()
        except BaseException:
            await self._leave()
            raise
        self._keeper = asyncio.create_task(self._keep(self._wire), name="embedded redis")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the server, unless it belongs to another bot."""
        await self._leave()

    def _take_the_folder(self) -> None:
        try:
            self._folder.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
            if self._socket.parent != self._folder:
                _make_private(self._socket.parent)
            self._lock.open()
        except OSError as error:
            raise ConfigError(Problem(Path(".env"), 0, 0, f"REDIS__DIR: {error}")) from error

    async def _settle(self) -> "_Wire":
        """Get through to a server: the one there is or, as the owner, a new one."""
        try:
            async with asyncio.timeout(self._start_timeout_s) as limit:
                while (wire := await self._try(limit)) is None:
                    await self._sleep(_BEAT_S)
                return wire
        except TimeoutError as error:
            raise StoreError(
                f"the embedded Redis does not answer within {self._start_timeout_s:g} s; see {self.log_file}"
            ) from error
        except OSError as error:
            raise StoreError(f"the embedded Redis cannot be reached: {error}") from error

    async def _try(self, limit: asyncio.Timeout) -> "_Wire | None":
        """Return a connection to a server that is ready; without one, do the next thing that leads there."""
        is_owner = self._lock.take()
        wire = await _Wire.open(self._socket)
        if wire is None:
            if is_owner:
                await self._start()
            return None
        with ExitStack() as stack:
            stack.callback(wire.close)
            if await wire.is_ready(partial(self._wait_for_data, limit)):
                stack.pop_all()
                return wire
        return None

    async def _wait_for_data(self, limit: asyncio.Timeout) -> None:
        """Wait a moment for a server that reads its data, and does so in time."""
        limit.reschedule(asyncio.get_running_loop().time() + self._start_timeout_s)
        await self._sleep(_BEAT_S)

    async def _start(self) -> None:
        """Start a process, or leave the one that is starting alone."""
        if self._process is None:
            self._process = self._spawn(await asyncio.to_thread(find_server))
        elif (code := self._process.poll()) is not None:
            self._process = None
            why = last_words(self.log_file, self._log_begins_at)
            raise StoreError(f"the embedded Redis ended at once with code {code}: {why}; see {self.log_file}")

    def _spawn(self, program: str) -> "subprocess.Popen[bytes]":
        self._socket.unlink(missing_ok=True)  # of a server that was killed; nobody listens there
        with self.log_file.open("ab") as output:
            self._log_begins_at = output.tell()
            return subprocess.Popen(  # noqa: S603 - our own server, without a shell
                [program, *self._options()],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                umask=0o077,
                start_new_session=True,  # Ctrl-C must not end it before the bot is done with it
            )

    def _options(self) -> Iterator[str]:
        options = {
            "port": "0",
            "unixsocket": str(self._socket),
            "unixsocketperm": "700",
            "dir": str(self._folder),
            "logfile": str(self.log_file),
            "loglevel": "notice",
            "daemonize": "no",
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            "maxmemory-policy": "noeviction",
        }
        for name, value in options.items():
            yield from (f"--{name}", value)

    async def _keep(self, wire: "_Wire") -> None:
        """Bring the server back whenever it goes; one episode of deaths in a row is told once."""
        delays, since = _delays(), -math.inf
        while True:
            with closing(wire):
                await wire.gone()
            await self._reap()
            if is_news := self._clock() - since >= _CALM_S:
                delays = _delays()
                log.error("embedded redis is gone", log_file=str(self.log_file))
            wire = self._wire = await self._revive(delays, is_news=is_news)
            since = self._clock()
            if is_news:
                log.warning("embedded redis is back")

    async def _revive(self, delays: Iterator[float], *, is_news: bool) -> "_Wire":
        while True:
            await self._sleep(next(delays))
            try:
                return await self._settle()
            except GovorunError as error:
                if is_news:
                    log.error("embedded redis does not come back", why=str(error))  # noqa: TRY400 - no bug
                is_news = False

    async def _reap(self) -> None:
        """Take note of the end of our process, which comes a moment after that of its connections."""
        if self._process is not None:
            with suppress(subprocess.TimeoutExpired):
                await asyncio.to_thread(self._process.wait, _REAP_S)
                self._process = None

    async def _leave(self) -> None:
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.wait({self._keeper})
        if self._wire is not None:
            self._wire.close()
        with closing(self._lock):
            if self._lock.take():
                await self._shut_down()

    async def _shut_down(self) -> None:
        """Stop the server, whoever started it; one that does not stop is killed if it is our own process."""
        try:
            async with asyncio.timeout(self._stop_timeout_s):
                await self._ask_to_stop()
                if self._process is not None:
                    await asyncio.to_thread(self._process.wait)
        except TimeoutError:
            log.error("embedded redis does not stop", is_killed=self._process is not None)  # noqa: TRY400 - no bug
            if self._process is not None:
                self._process.kill()
                await asyncio.to_thread(self._process.wait)

    async def _ask_to_stop(self) -> None:
        wire = await _Wire.open(self._socket)
        if wire is not None:
            with closing(wire):
                await wire.say("SHUTDOWN")
                await wire.gone()
        elif self._process is not None:
            self._process.terminate()


def socket_path(folder: Path) -> Path:
    """Return the path of the socket for a folder: in it, or in a short place if that would be too long."""
    inside = folder / "redis.sock"
    if len(os.fsencode(inside)) <= _LONGEST_SOCKET_BYTES:
        return inside
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    return Path(_SHORT_FOLDER, f"govorun-{os.getuid()}", f"{name}.sock")


def _make_private(folder: Path) -> None:
    """Make a folder where others write too; somebody may have put one of that name there to listen to us."""
    folder.mkdir(mode=_PRIVATE, exist_ok=True)
    status = folder.lstat()
    if status.st_uid != os.getuid() or status.st_mode & 0o777 != _PRIVATE or folder.is_symlink():
        raise PermissionError(f"{folder} is not private to this user")


def _delays() -> Iterator[float]:
    """Yield how long to wait before each attempt: nothing, then longer and longer."""
    yield 0.0
    delay_s = 0.1
    while True:
        yield delay_s
        delay_s = min(2 * delay_s, _LONGEST_DELAY_S)


class _Lock:
    """A lock file; the kernel lets go of it when its holder dies."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor = -1

    def open(self) -> None:
        self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def take(self) -> bool:
        """Take it without waiting, or keep it; False: another bot has it."""
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def close(self) -> None:
        os.close(self._descriptor)


class _Wire:
    """A bare connection: it says a word, hears a line, and notices at once when the server is gone."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, path: Path) -> "_Wire | None":
        """Connect; None: nobody listens there."""
        try:
            return cls(*await asyncio.open_unix_connection(path))
        except (FileNotFoundError, ConnectionRefusedError):
            return None

    async def is_ready(self, wait: Callable[[], Awaitable[None]]) -> bool:
        """Wait until the server has read its data; False if it goes away instead."""
        while (reply := await self.say("PING")).startswith("-LOADING"):
            await wait()
        return bool(reply)

    async def say(self, command: str) -> str:
        """Return the line that answers; empty if the server is gone."""
        with suppress(ConnectionError):
            self._writer.write(f"{command}\r\n".encode())
            return (await self._reader.readline()).decode()
        return ""

    async def gone(self) -> None:
        """Return when the server, or just this connection, has ended."""
        with suppress(ConnectionError):
            await self._reader.read()

    def close(self) -> None:
        self._writer.close()
