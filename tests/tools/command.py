"""The command line as an operator runs it: another process, and nothing but the environment.

Most of these processes are forked from one that has imported the bot already, which saves some ten seconds of
processor time each. A cold one starts as the operator's does, and is measured for coverage too: tests of what
the start itself has to do ask for it.
"""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from tests.tools.forked import ForkedProcess, forked

ROOT = Path(__file__).parents[2]
_OURS = (
    "TELEGRAM__",
    "YANDEX__",
    "OPENAI__",
    "REDIS__",
    "ACCESS__",
    "PROMPTS__",
    "HTTP__",
    "LOG__",
    "WORKERS__",
    "REPLIES__",
)


async def begun(
    *arguments: str, env: Mapping[str, str], cwd: Path = ROOT, is_cold: bool = False
) -> Process | ForkedProcess:
    """Start `python -m bot` with these arguments and settings, and no others of this machine."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    env = {**clean, "PYTHONPATH": str(ROOT), **env}
    if not is_cold:
        return await forked(arguments, env, cwd)
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        *arguments,
        cwd=cwd,
        env=env,
        stdout=PIPE,
        stderr=PIPE,
    )


@asynccontextmanager
async def running(
    *arguments: str, env: Mapping[str, str], cwd: Path = ROOT, is_cold: bool = False
) -> AsyncIterator[Process | ForkedProcess]:
    """Run it while the context is open; at the end it is told to stop, and killed if it does not."""
    process = await begun(*arguments, env=env, cwd=cwd, is_cold=is_cold)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        try:
            await asyncio.wait_for(process.communicate(), 15)
        except TimeoutError:
            process.kill()
            await process.communicate()


async def ended(
    *arguments: str, env: Mapping[str, str] | None = None, cwd: Path = ROOT, is_cold: bool = False
) -> tuple[int, str, str]:
    """Run it to its end; return exit code, standard output and standard error."""
    process = await begun(*arguments, env=env or {}, cwd=cwd, is_cold=is_cold)
    out, err = await asyncio.wait_for(process.communicate(), 30)
    return process.returncode or 0, out.decode(), err.decode()
