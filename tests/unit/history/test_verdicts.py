import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from bot.errors import StoreError
from bot.history import RedisVerdicts
from bot.history.verdicts import dump_verdict, load_verdict
from bot.types import Verdict
from tests.tools.redis_server import RedisProcess

GOOD = Verdict((("хорошо", 0.875), ("плохо", 0.125)), 46, "23.10.2024")
BAD = Verdict((("хорошо", 0.0), ("плохо", 1.0)))
KEY = "{govorun:42}:pile:1"


async def test_what_was_kept_is_there_when_a_pile_is_taken_up(redis: Redis) -> None:
    verdicts = RedisVerdicts(redis, 42)
    assert await verdicts.begin("1", "tone") == ("tone", {})

    await verdicts.keep("1", "a", GOOD)
    await verdicts.keep("1", "b", BAD)

    assert await RedisVerdicts(redis, 42).begin("1", "tone") == ("tone", {"a": GOOD, "b": BAD})
    assert await verdicts.begin("2", "tone") == ("tone", {})
    assert await RedisVerdicts(redis, 43).begin("1", "tone") == ("tone", {})


async def test_a_pile_keeps_the_classifier_with_which_it_was_begun(redis: Redis) -> None:
    verdicts = RedisVerdicts(redis, 42)
    await verdicts.begin("1", "tone")

    assert await verdicts.begin("1", "urgency") == ("tone", {})


async def test_everything_is_forgotten_some_day_and_soon_when_it_was_delivered(redis: Redis) -> None:
    verdicts = RedisVerdicts(redis, 42)
    await verdicts.begin("1", "tone")
    assert 172_790 < await redis.ttl(KEY) <= 172_800

    await verdicts.conclude("1")
    assert 590 < await redis.ttl(KEY) <= 600

    await verdicts.keep("1", "a", GOOD)
    assert 172_790 < await redis.ttl(KEY) <= 172_800


async def test_to_conclude_what_is_forgotten_brings_nothing_back(redis: Redis) -> None:
    await RedisVerdicts(redis, 42).conclude("1")

    assert await redis.keys() == []


@pytest.mark.parametrize(
    "broken", ["", "{", "[]", '{"c":[]}', '{"c":[["a"]],"n":1,"v":""}', '{"c":5,"n":1,"v":""}']
)
def test_a_broken_verdict_is_none_and_told(broken: str) -> None:
    with capture_logs() as logs:
        assert load_verdict(broken) is None

    assert [line["event"] for line in logs] == ["corrupt verdict skipped"]


async def test_a_broken_verdict_is_asked_for_again(redis: Redis) -> None:
    verdicts = RedisVerdicts(redis, 42)
    await verdicts.begin("1", "tone")
    await verdicts.keep("1", "a", GOOD)
    await redis.hset(KEY, "b", "oops")

    assert await verdicts.begin("1", "tone") == ("tone", {"a": GOOD})


def test_a_verdict_survives_being_written_and_read() -> None:
    assert load_verdict(dump_verdict(GOOD)) == GOOD


async def test_redis_away_is_a_store_error(mortal_redis: RedisProcess) -> None:
    async with Redis.from_url(mortal_redis.url, retry=None, decode_responses=True) as redis:
        verdicts = RedisVerdicts(redis, 42)
        mortal_redis.kill()

        for call in (verdicts.begin("1", "a"), verdicts.keep("1", "a", GOOD), verdicts.conclude("1")):
            with pytest.raises(StoreError):
                await call
