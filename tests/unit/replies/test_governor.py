import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from redis.asyncio import Redis

from bot.replies.governor import REST_S, Governor
from bot.replies.pace import Importance, Pace
from bot.replies.strain import Strain
from bot.types import Happening
from tests.tools.metering import Clicker
from tests.tools.redis_server import RedisProcess
from tests.tools.reply_stage import AwayRedis

FINAL, FRAME, TYPING = Importance.FINAL, Importance.FRAME, Importance.TYPING
SLOW = Pace(private_calls_per_second=0.01, group_calls_per_minute=0.6)
"""So slow that nothing comes in while a test runs."""

Admit = Callable[[Importance], Awaitable[float]]


@pytest.fixture(params=["redis", "local"])
async def redis_or_none(request: pytest.FixtureRequest, redis: Redis) -> Redis:
    return redis if request.param == "redis" else AwayRedis()


async def _granted(
    governor: Governor, importance: Importance, *, chat_id: int = 1, is_group: bool = False
) -> int:
    """Count the calls that are granted at once."""
    count = 0
    while await governor.admit(chat_id, importance, is_group=is_group) == 0:
        count += 1
    return count


async def test_a_burst_is_granted_and_then_the_rate_holds(redis_or_none: Redis) -> None:
    governor = Governor(redis_or_none, 42, Pace(private_calls_per_second=0.5))

    assert await _granted(governor, FINAL) == 4
    assert await governor.admit(1, FINAL, is_group=False) == pytest.approx(2.0, abs=0.5)


async def test_cosmetic_calls_leave_tokens_for_the_final_one(redis_or_none: Redis) -> None:
    governor = Governor(redis_or_none, 42, SLOW)

    assert await _granted(governor, TYPING) == 2
    assert await _granted(governor, FRAME) == 1
    assert await _granted(governor, FINAL) == 1


async def test_tokens_come_back(redis_or_none: Redis) -> None:
    governor = Governor(redis_or_none, 42, Pace(private_calls_per_second=50, private_burst=1))
    assert await _granted(governor, FINAL) >= 1

    await asyncio.sleep(await governor.admit(1, FINAL, is_group=False) + 0.01)

    assert await governor.admit(1, FINAL, is_group=False) == 0


async def test_groups_have_their_own_pace(redis_or_none: Redis) -> None:
    governor = Governor(redis_or_none, 42, Pace(group_calls_per_minute=6, group_burst=2))

    assert await _granted(governor, FINAL, is_group=True) == 2
    assert await governor.admit(1, FINAL, is_group=True) == pytest.approx(10.0, abs=0.5)


async def test_a_bucket_of_one_grants_frames_too(redis_or_none: Redis) -> None:
    governor = Governor(redis_or_none, 42, Pace(private_burst=1))

    assert await governor.admit(1, TYPING, is_group=False) == 0


async def test_chats_do_not_wait_for_each_other(redis_or_none: Redis) -> None:
    governor = Governor(redis_or_none, 42, replace(SLOW, calls_per_second=0))
    await _granted(governor, FINAL, chat_id=1)

    assert await _granted(governor, FINAL, chat_id=2) == 4


async def test_all_chats_together_keep_the_overall_limit(redis_or_none: Redis) -> None:
    governor = Governor(redis_or_none, 42, Pace(calls_per_second=5))

    granted = [await governor.admit(chat_id, FINAL, is_group=False) == 0 for chat_id in range(20)]

    assert 1 <= sum(granted) <= 5


async def test_frames_of_all_chats_leave_some_of_the_overall_limit(redis_or_none: Redis) -> None:
    governor = Governor(redis_or_none, 42, Pace(calls_per_second=30))
    while await governor.admit(1000 + id(object()), FRAME, is_group=False) == 0:
        pass

    assert await governor.admit(1, FINAL, is_group=False) == 0


async def test_a_first_text_comes_before_the_frames_of_others(redis_or_none: Redis) -> None:
    governor = Governor(redis_or_none, 42, Pace(calls_per_second=30))
    for chat_id in range(100, 200):
        await governor.admit(chat_id, FRAME, is_group=False)

    assert await governor.admit(1, FRAME, is_group=False) > 0
    assert await governor.admit(1, Importance.FIRST, is_group=False) == 0


class Strained(Strain):
    """Never lets a frame pass."""

    def wait_s(self, chat_id: int) -> float:
        return 1.5 + chat_id


async def test_a_follow_up_of_a_frame_does_not_wait_for_a_strained_process(redis_or_none: Redis) -> None:
    governor = Governor(redis_or_none, 42, Pace())
    governor.strain = Strained(1.0, time.monotonic)

    assert await governor.admit(1, FRAME, is_group=False) == 2.5
    assert await governor.admit(1, Importance.FOLLOW_UP, is_group=False) == 0
    assert await governor.admit(1, FINAL, is_group=False) == 0


async def test_no_overall_limit(redis_or_none: Redis) -> None:
    governor = Governor(redis_or_none, 42, Pace(calls_per_second=0))

    assert {await governor.admit(chat_id, FRAME, is_group=False) for chat_id in range(100)} == {0}


async def test_a_penalised_chat_is_not_knocked_at(redis_or_none: Redis) -> None:
    governor = Governor(redis_or_none, 42, Pace())

    await governor.penalise(1, 30)

    assert await governor.admit(1, FINAL, is_group=False) == pytest.approx(30, abs=0.5)
    assert await governor.admit(2, FINAL, is_group=False) == 0


async def test_after_a_penalty_the_final_call_goes_and_the_pace_is_slower(redis_or_none: Redis) -> None:
    governor = Governor(redis_or_none, 42, Pace(private_calls_per_second=0.1))
    await governor.penalise(1, 0.05)
    await asyncio.sleep(0.06)

    assert await governor.admit(1, FRAME, is_group=False) == pytest.approx(15, abs=0.5)
    assert await governor.admit(1, FINAL, is_group=False) == 0


async def test_replicas_share_the_buckets_and_the_penalties(redis: Redis) -> None:
    one, other = Governor(redis, 42, SLOW), Governor(redis, 42, SLOW)

    assert await _granted(one, FINAL) == 4
    assert await _granted(other, FINAL) == 0
    await one.penalise(2, 30)
    assert await other.admit(2, FINAL, is_group=False) == pytest.approx(30, abs=0.5)


async def test_bots_share_nothing(redis: Redis) -> None:
    await _granted(Governor(redis, 42, SLOW), FINAL)

    assert await _granted(Governor(redis, 43, SLOW), FINAL) == 4


async def test_keys_share_one_hash_tag_and_expire(redis: Redis) -> None:
    governor = Governor(redis, 42, Pace())
    await governor.admit(1, FINAL, is_group=False)
    await governor.penalise(1, 5)

    keys = [str(key) async for key in redis.scan_iter()]

    assert sorted(keys) == ["{govorun:42}:governor:all", "{govorun:42}:governor:chat:1"]
    assert all([await redis.pttl(key) > 0 for key in keys])


async def test_a_dead_redis_is_left_alone_for_a_while(mortal_redis: RedisProcess) -> None:
    now = 0.0
    async with Redis.from_url(mortal_redis.url) as redis:
        governor = Governor(redis, 42, SLOW, clock=lambda: now)
        await _granted(governor, FINAL)
        mortal_redis.kill()

        now += 1
        assert await _granted(governor, FINAL) == 4

        mortal_redis.start()
        assert await governor.admit(1, FINAL, is_group=False) > 0
        now += REST_S + 1
        assert await governor.admit(2, FINAL, is_group=False) == 0


async def _set_back(redis: Redis, seconds: int) -> None:
    """Leave what is kept as it would look if the server's clock were set back: ahead of it."""
    async for key in redis.scan_iter():
        for field in ("at", "until", "since"):
            if (moment := await redis.hget(key, field)) is not None:
                await redis.hset(key, field, str(float(moment) + 1000 * seconds))


async def test_a_clock_that_is_set_back_stalls_nothing(redis: Redis) -> None:
    governor = Governor(redis, 42, Pace(private_calls_per_second=20, calls_per_second=20))
    assert await _granted(governor, FINAL) >= 4
    await _set_back(redis, 3 * 3600)

    waits_s = []
    while wait_s := await governor.admit(1, FINAL, is_group=False):
        waits_s.append(wait_s)
        await asyncio.sleep(wait_s)

    assert sum(waits_s) < 1


async def test_a_penalty_is_no_longer_than_it_was_when_the_clock_is_set_back(redis: Redis) -> None:
    one, other = Governor(redis, 42, Pace()), Governor(redis, 42, Pace())
    await one.penalise(1, 0.3)
    await _set_back(redis, 3 * 3600)

    wait_s = await other.admit(1, FINAL, is_group=False)
    await asyncio.sleep(wait_s)

    assert 0 < wait_s <= 0.3
    assert await other.admit(1, FINAL, is_group=False) == 0


async def test_a_second_penalty_does_not_inherit_hours_from_a_clock_that_was_set_back(redis: Redis) -> None:
    one, other = Governor(redis, 42, Pace()), Governor(redis, 42, Pace())
    await one.penalise(1, 20)
    await _set_back(redis, 3 * 3600)

    await one.penalise(1, 10)

    assert 10 < await other.admit(1, FINAL, is_group=False) <= 20


async def test_a_slow_chat_recovers_when_the_clock_is_set_back(redis: Redis) -> None:
    one, other = Governor(redis, 42, Pace(private_calls_per_second=1)), Governor(redis, 42, Pace())
    await one.penalise(1, 0.01)
    await asyncio.sleep(0.02)
    await _set_back(redis, -1)
    await _set_back(redis, 3600)
    await redis.hset("{govorun:42}:governor:chat:1", mapping={"until": 0, "at": 0})

    assert await other.admit(1, TYPING, is_group=False) == 0

    ahead_ms = float(await redis.hget("{govorun:42}:governor:chat:1", "since") or 0) - 1000 * time.time()
    assert ahead_ms < 1000


async def test_idle_chats_are_forgotten_while_redis_is_away() -> None:
    now = 0.0
    governor = Governor(AwayRedis(), 42, Pace(calls_per_second=0), clock=lambda: now)
    for chat_id in range(10_001):
        await governor.admit(chat_id, FINAL, is_group=False)
    now += 1000

    await governor.admit(-1, FINAL, is_group=False)

    assert len(governor._local._buckets) == 1


async def test_frames_and_penalties_are_counted(redis_or_none: Redis) -> None:
    clicker = Clicker()
    governor = Governor(redis_or_none, 42, SLOW, meter=clicker)

    await governor.admit(1, FRAME, is_group=False)
    await governor.admit(1, FINAL, is_group=False)
    await governor.penalise(1, 3)
    await governor.admit(1, FRAME, is_group=False)

    assert clicker.counts == {
        Happening.FRAME_GRANTED: 1,
        Happening.FLOODED: 1,
        Happening.FRAME_POSTPONED: 1,
    }
