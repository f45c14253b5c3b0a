import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as NoConnection
from redis.exceptions import OutOfMemoryError, ResponseError

from bot.errors import StoreError
from bot.store import key_prefix, store_errors


@pytest.mark.parametrize(
    "error",
    [NoConnection("refused"), TimeoutError(), OutOfMemoryError("full"), ResponseError("MISCONF no disk")],
)
def test_what_may_pass_is_a_store_error(error: Exception) -> None:
    with pytest.raises(StoreError), store_errors():
        raise error


@pytest.mark.parametrize("words", ["WRONGTYPE Operation against a key", "user_script:1: attempt to compare"])
def test_a_mistake_of_ours_is_not_taken_for_an_absence(words: str) -> None:
    with pytest.raises(ResponseError), store_errors():
        raise ResponseError(words)


async def test_a_full_redis_is_a_store_error(redis: Redis) -> None:
    await redis.config_set("maxmemory", "1")
    try:
        with pytest.raises(StoreError), store_errors():
            await redis.set("a", "b")
    finally:
        await redis.config_set("maxmemory", "0")


def test_all_keys_of_a_bot_share_a_slot() -> None:
    assert key_prefix(42) == "{govorun:42}"
