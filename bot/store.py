"""What all rooms with something in Redis share: how their keys begin, and the border of errors."""

from collections.abc import Iterator
from contextlib import contextmanager

from redis.exceptions import RedisError

from bot.errors import StoreError


def key_prefix(bot_id: int) -> str:
    """Return the beginning of all keys of one bot: a hash tag, so that they share a slot of Redis Cluster.

    Source: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags
    """
    return f"{{govorun:{bot_id}}}"


@contextmanager
def store_errors() -> Iterator[None]:
    """Let whatever goes wrong with Redis inside leave as a `StoreError`."""
    try:
        yield
    except (RedisError, OSError) as error:
        raise StoreError(f"{type(error).__name__}: {error}") from error
