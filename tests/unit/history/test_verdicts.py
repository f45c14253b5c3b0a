import pytest
from redis.asyncio import Redis

from bot.errors import StoreError
from bot.history import RedisVerdicts
from bot.history.verdicts import KEEP_CONCLUDED_S, KEEP_S, load_verdict
from bot.types import Verdict
from tests.tools.redis_server import RedisProcess

VERDICT = Verdict((("яблоко", 0.25), ("pear", 0.75)), 7, "v1")


async def test_a_pile_is_taken_up_with_what_was_found_and_its_first_classifier(redis: Redis) -> None:
    verdicts = RedisVerdicts(redis, 42)
    await verdicts.begin("1", "fruit")
    await verdicts.keep("1", "a", VERDICT)

    assert await verdicts.begin("1", "other") == ("fruit", {"a": VERDICT})


async def test_it_is_forgotten_some_day_and_soon_after_it_was_delivered(redis: Redis) -> None:
    verdicts = RedisVerdicts(redis, 42)
    await verdicts.begin("1", "fruit")
    (key,) = await redis.keys()
    before = await redis.ttl(key)

    await verdicts.conclude("1")

    assert KEEP_CONCLUDED_S < before <= KEEP_S
    assert 0 < await redis.ttl(key) <= KEEP_CONCLUDED_S


@pytest.mark.parametrize("raw", ["", "{", "[]", '{"c": [[1]], "n": 1, "v": ""}', '{"c": 1, "n": 1, "v": ""}'])
def test_a_broken_verdict_is_none(raw: str) -> None:
    assert load_verdict(raw) is None


async def test_a_store_that_is_away_is_a_store_error(mortal_redis: RedisProcess) -> None:
    async with Redis.from_url(mortal_redis.url, retry=None, decode_responses=True) as redis:
        mortal_redis.kill()

        with pytest.raises(StoreError):
            await RedisVerdicts(redis, 42).begin("1", "fruit")
