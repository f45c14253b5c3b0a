"""The bot as a forked process; each worker of pytest has its own fork server, begun when it is first needed."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from asyncio import StreamReader, StreamWriter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path

_ROOT = Path(__file__).parents[2]


class ForkedProcess:
    """What tests use of `asyncio.subprocess.Process`."""

    def __init__(self, pid: int, stdout: StreamReader, stderr: StreamReader, ending: asyncio.Task[int]) -> None:
        self.pid = pid
        self.stdout = stdout
        self.stderr = stderr
        self._ending = ending

    @property
    def returncode(self) -> int | None:
        """Its exit code, which is negative when a signal killed it; None while it runs."""
        return self._ending.result() if self._ending.done() else None

    async def wait(self) -> int:
        """Return its exit code when it has ended."""
        return await asyncio.shield(self._ending)

    async def communicate(self) -> tuple[bytes, bytes]:
        """Return what is left of its output when it has ended."""
        out, err, _ = await asyncio.gather(self.stdout.read(), self.stderr.read(), self.wait())
        return out, err

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if not self._ending.done():
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to stop."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Kill it."""
        self.send_signal(signal.SIGKILL)


async def forked(arguments: Sequence[str], env: Mapping[str, str], cwd: Path) -> ForkedProcess:
    """Return a process that is `python -m bot` with these arguments, and has just begun."""
    (stdout, our_stdout), (stderr, our_stderr) = await _pipe(), await _pipe()
    ours, theirs = socket.socketpair()
    orders, _ = _server()
    socket.send_fds(orders, [b"\0"], [stdout, stderr, theirs.fileno()])
    theirs.close()
    os.close(stdout)
    os.close(stderr)
    told, writer = await asyncio.open_connection(sock=ours)
    writer.write(json.dumps({"arguments": arguments, "env": dict(env), "cwd": str(cwd)}).encode() + b"\n")
    pid = await _number(told)
    return ForkedProcess(pid, our_stdout, our_stderr, asyncio.create_task(_ended(told, writer)))


async def _pipe() -> tuple[int, StreamReader]:
    """Return the end to write to and the one to read from."""
    source, sink = os.pipe()
    reader = StreamReader()
    protocol = asyncio.StreamReaderProtocol(reader)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, os.fdopen(source, "rb", buffering=0))
    return sink, reader


async def _ended(told: StreamReader, writer: StreamWriter) -> int:
    try:
        return await _number(told)
    finally:
        writer.close()


async def _number(told: StreamReader) -> int:
    line = await told.readline()
    if not line:
        raise RuntimeError("the fork server is gone; what it said is on standard error")
    return int(line)


@cache
def _server() -> tuple[socket.socket, "subprocess.Popen[bytes]"]:
    """Return where this process sends its orders, and the server, which ends when that is closed."""
    ours, theirs = socket.socketpair()
    # Without coverage, which would double the time of its imports.
    env = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    command = [sys.executable, "-m", "tests.tools.fork_server"]
    with theirs:
        env["PYTHONPATH"], stdin = str(_ROOT), theirs.fileno()
        return ours, subprocess.Popen(command, cwd=_ROOT, env=env, stdin=stdin, stdout=subprocess.DEVNULL)
