"""What all rooms with something in Redis share: how their keys begin, and the border of errors."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from redis.exceptions import RedisError, ResponseError

from bot.errors import StoreError

_STATE = re.compile(r"(?!WRONGTYPE)[A-Z]+ ")
"""How Redis begins when its own state keeps it from obeying: `OOM`, `LOADING`, `READONLY`, `MISCONF`, …"""


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
        if type(error) is ResponseError and not _STATE.match(str(error)):
            raise
        raise StoreError(f"{type(error).__name__}: {error}") from error
