"""What all rooms with something in Redis share: how their keys begin, and the border of errors."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum

from redis.exceptions import (
    AskError,
    AuthenticationError,
    AuthenticationWrongNumberOfArgsError,
    AuthorizationError,
    BusyLoadingError,
    ClusterCrossSlotError,
    ClusterError,
    DataError,
    MasterDownError,
    MaxConnectionsError,
    NoPermissionError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
    ResponseError,
    TryAgainError,
)
from redis.exceptions import ConnectionError as RedisConnectionError

from bot.errors import StoreError


class Trouble(Enum):
    """Why Redis does not obey, as the operator reads it."""

    AWAY = "Redis does not answer"
    LOADING = "Redis is reading its data, and answers when it is done"
    DEMOTED = "this Redis is a replica now, or has lost its master; the new master is looked for"
    ALONE = "too few replicas follow this Redis for it to take writes"
    CLUSTER = "the Redis Cluster is moving or has lost the bot's keys; its REDIS__URL is redis+cluster://…"
    FULL = "Redis is full: raise its maxmemory, or delete what else is in it"
    DISK = "Redis cannot write to its disk: make room there, or see its log"
    DENIED = "Redis refuses the name or password of REDIS__URL, or what they may do"
    CROWDED = "no connection to Redis is free: raise REDIS__CONNECTIONS, or the server's maxclients"
    BUSY = "Redis has been busy with one script for too long: SCRIPT KILL ends it"
    OTHER = "Redis is in no state to obey"

    @property
    def is_passing(self) -> bool:
        """Whether it is of the kind that ends by itself, as a restart or a failover does."""
        return self in {Trouble.AWAY, Trouble.LOADING, Trouble.DEMOTED, Trouble.ALONE, Trouble.CLUSTER}


_OURS = (DataError, ClusterCrossSlotError)
"""What can be told before asking, or of no server but ours: trying again would not help."""
_BY_TYPE: tuple[tuple[type[Exception] | tuple[type[Exception], ...], Trouble], ...] = (
    (OutOfMemoryError, Trouble.FULL),
    (BusyLoadingError, Trouble.LOADING),
    (MaxConnectionsError, Trouble.CROWDED),
    (
        (AuthenticationError, AuthorizationError, AuthenticationWrongNumberOfArgsError, NoPermissionError),
        Trouble.DENIED,
    ),
    ((ReadOnlyError, MasterDownError), Trouble.DEMOTED),
    ((AskError, TryAgainError, ClusterError), Trouble.CLUSTER),
)
_BY_WORD = {
    "MISCONF": Trouble.DISK,
    "BUSY": Trouble.BUSY,
    "NOREPLICAS": Trouble.ALONE,
    "UNBLOCKED": Trouble.DEMOTED,
}
_STATE = re.compile(r"(?!WRONGTYPE)([A-Z]+) ")
"""How Redis begins when its own state keeps it from obeying: `MISCONF`, `BUSY`, `NOREPLICAS`, …"""
_TOO_MANY_CLIENTS = "max number of clients reached"


def key_prefix(bot_id: int) -> str:
    """Return the beginning of all keys of one bot: a hash tag, so that they share a slot of Redis Cluster.

    Source: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags
    """
    return f"{{govorun:{bot_id}}}"


@contextmanager
def store_errors() -> Iterator[None]:
    """Let it leave as a `StoreError` that Redis is away, full, or in no state to obey.

    A command that it will never obey, as one on a key of another type, is a mistake of ours: that error leaves
    as it is, because trying again would not help.
    """
    try:
        yield
    except (RedisError, OSError) as error:
        if trouble_of(error) is None:
            raise
        raise StoreError(described(error)) from error


def trouble_of(error: Exception) -> Trouble | None:
    """Tell why Redis did not obey; None: it is a mistake of ours."""
    if isinstance(error, RedisConnectionError) and isinstance(error.__cause__, ResponseError):
        error = error.__cause__
    if isinstance(error, _OURS):
        return None
    for kinds, trouble in _BY_TYPE:
        if isinstance(error, kinds):
            return trouble
    if type(error) is ResponseError:
        found = _STATE.match(str(error))
        return _BY_WORD.get(found[1], Trouble.OTHER) if found else None
    if isinstance(error, ResponseError):
        return Trouble.OTHER
    return Trouble.CROWDED if _TOO_MANY_CLIENTS in str(error) else Trouble.AWAY


def described(error: Exception) -> str:
    """Return one sentence for the log: what is wrong, what to do about it, and the library's words."""
    trouble = trouble_of(error) or Trouble.OTHER
    return f"{trouble.value} ({type(error).__name__}: {error})"
