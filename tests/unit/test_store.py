import pytest
from redis.asyncio import Redis
from redis.exceptions import (
    AskError,
    ClusterCrossSlotError,
    ClusterDownError,
    DataError,
    MasterDownError,
    NoScriptError,
    OutOfMemoryError,
    ResponseError,
    TryAgainError,
)
from redis.exceptions import ConnectionError as NoConnection

from bot.errors import StoreError
from bot.store import Trouble, key_prefix, store_errors, trouble_of


@pytest.mark.parametrize(
    ("error", "trouble"),
    [
        (NoConnection("refused"), Trouble.AWAY),
        (TimeoutError(), Trouble.AWAY),
        (NoConnection("max number of clients reached"), Trouble.CROWDED),
        (OutOfMemoryError("full"), Trouble.FULL),
        (ResponseError("MISCONF no disk"), Trouble.DISK),
        (ResponseError("BUSY with a script"), Trouble.BUSY),
        (ResponseError("UNBLOCKED a replica now"), Trouble.DEMOTED),
        (MasterDownError("link is down"), Trouble.DEMOTED),
        (ClusterDownError("slot not served"), Trouble.CLUSTER),
        (TryAgainError("keys are split"), Trouble.CLUSTER),
        (AskError("1 host:1"), Trouble.CLUSTER),
        (NoScriptError("again and again"), Trouble.OTHER),
        (ResponseError("TRYLATER says a newer server"), Trouble.OTHER),
    ],
)
def test_what_may_pass_is_a_store_error_with_its_sentence(error: Exception, trouble: Trouble) -> None:
    with pytest.raises(StoreError) as told, store_errors():
        raise error

    assert str(told.value).startswith(trouble.value)
    assert str(error) in str(told.value)


@pytest.mark.parametrize(
    "error",
    [
        ResponseError("WRONGTYPE Operation against a key"),
        ResponseError("user_script:1: attempt to compare"),
        DataError("a list is no argument"),
        ClusterCrossSlotError("Keys in request don't hash to the same slot"),
    ],
)
def test_a_mistake_of_ours_is_not_taken_for_an_absence(error: Exception) -> None:
    with pytest.raises(type(error)), store_errors():
        raise error

    assert trouble_of(error) is None


async def test_a_full_redis_is_a_store_error(redis: Redis) -> None:
    await redis.config_set("maxmemory", "1")
    try:
        with pytest.raises(StoreError), store_errors():
            await redis.set("a", "b")
    finally:
        await redis.config_set("maxmemory", "0")


def test_all_keys_of_a_bot_share_a_slot() -> None:
    assert key_prefix(42) == "{govorun:42}"
