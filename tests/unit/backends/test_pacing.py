"""A pace kept with a real Redis, whose script says how long to wait, and without one, in virtual time."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import Any

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from bot.backends.pacing import SPACING, Pacing
from bot.errors import BackendTimeout
from tests.tools.redis_server import RedisProcess
from tests.tools.reply_stage import AwayRedis
from tests.tools.virtual_time import VirtualTime

KEY = "{govorun:42}:pace:test"
HOUR_MS = 3_600_000


def a_pacing(redis: Redis, per_second: float, **more: Any) -> Pacing:
    return Pacing(redis, 42, "test", per_second, **more)


@pytest.fixture
async def other(redis_url: str) -> AsyncIterator[Redis]:
    """The Redis of another replica."""
    async with Redis.from_url(redis_url, decode_responses=True) as client:
        yield client


class Ruler:
    """A sleep that measures what it is asked for, and sleeps no more than it must for the test to go on."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(seconds)


async def test_the_first_request_goes_at_once_and_the_next_one_in_its_slot(redis: Redis) -> None:
    ruler = Ruler()
    pacing = a_pacing(redis, 5, sleep=ruler.sleep)

    await pacing.turn()
    assert ruler.slept == []
    await pacing.turn()

    assert ruler.slept[0] == pytest.approx(SPACING / 5, abs=0.1)


async def test_replicas_share_one_pace(redis: Redis, other: Redis) -> None:
    one, two = a_pacing(redis, 50), a_pacing(other, 50)
    began_at = time.monotonic()

    await asyncio.gather(*(pacing.turn(number) for number in range(15) for pacing in (one, two)))

    assert time.monotonic() - began_at >= 29 * SPACING / 50


async def test_a_pace_of_none_lets_all_pass(redis: Redis) -> None:
    ruler = Ruler()
    pacing = a_pacing(redis, 0, sleep=ruler.sleep)

    for _ in range(20):
        await pacing.turn()

    assert ruler.slept == []


async def test_a_request_that_goes_late_in_its_slot_holds_up_the_next_one(redis: Redis) -> None:
    ask = _asking(a_pacing(redis, 1))
    first, _ = await ask("turn", "a")
    await ask("turn", "b")
    slot, on_time_ms = await ask("turn", "c")

    await redis.hset(KEY, mapping={"sent": first + 1600, "sender": "b"})

    _, late_ms = await ask("turn", "c", slot)
    assert late_ms - on_time_ms == pytest.approx(600, abs=200)


async def test_a_refusal_makes_all_replicas_rest(redis: Redis, other: Redis) -> None:
    one, two = a_pacing(redis, 100), a_pacing(other, 100)
    await one.turn()

    began_at = time.monotonic()
    await one.rest(0.4)
    await asyncio.gather(one.turn(), two.turn())

    assert time.monotonic() - began_at >= 0.4


@pytest.mark.parametrize("per_second", [0, 1000])
async def test_a_rest_counts_whatever_the_pace(redis: Redis, per_second: float) -> None:
    pacing = a_pacing(redis, per_second)
    began_at = time.monotonic()

    await pacing.rest(0.2)
    await pacing.turn()

    assert time.monotonic() - began_at >= 0.2


async def test_who_is_cancelled_gives_the_slot_back(redis: Redis, other: Redis) -> None:
    one, two = a_pacing(redis, 0.1), a_pacing(other, 0.1)
    await one.turn()
    waiting = asyncio.create_task(one.turn())
    await _has_slots(redis, 2)

    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)

    before = await redis.hget(KEY, "next")
    again = asyncio.create_task(two.turn())
    await _has_slots(redis, 2)
    assert int(await redis.hget(KEY, "next") or 0) == int(before or 0) + round(1000 * SPACING / 0.1)
    again.cancel()
    await asyncio.gather(again, return_exceptions=True)


async def test_a_slot_before_that_of_another_is_not_given_back(redis: Redis, other: Redis) -> None:
    one, two = a_pacing(redis, 0.1), a_pacing(other, 0.1)
    await one.turn()
    waiting = asyncio.create_task(one.turn())
    await _has_slots(redis, 2)
    behind = asyncio.create_task(two.turn())
    await _has_slots(redis, 3)
    before = await redis.hget(KEY, "next")

    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)

    assert await redis.hget(KEY, "next") == before
    behind.cancel()
    await asyncio.gather(behind, return_exceptions=True)


async def _has_slots(redis: Redis, count: int) -> None:
    """Wait until so many slots of a request in ten seconds were given."""
    async with asyncio.timeout(5):
        while True:
            ahead_ms = int(await redis.hget(KEY, "next") or 0) - (await redis.time())[0] * 1000
            if ahead_ms > (count - 0.5) * 10_500:
                return
            await asyncio.sleep(0.01)


async def test_a_call_whose_answer_was_cut_off_can_be_made_again(redis: Redis) -> None:
    ask = _asking(a_pacing(redis, 1))

    granted = await ask("turn", "a")
    assert await ask("turn", "a", granted[0]) == granted
    reserved, _ = await ask("turn", "b")
    assert (await ask("turn", "b"))[0] == reserved
    assert (await ask("turn", "c"))[0] == reserved + 1000

    for _ in range(2):
        await ask("back", "c")
    assert (await ask("turn", "d"))[0] == reserved + 1000
    await ask("back", "c")
    assert (await ask("turn", "e"))[0] == reserved + 2000


def _asking(pacing: Pacing) -> Callable[..., Awaitable[tuple[int, int]]]:
    """Ask the script itself, for slots that are a second long."""

    async def ask(wanted: str, ticket: str, slot_ms: int = 0) -> tuple[int, int]:
        slot, wait_ms = await pacing._script(keys=[KEY], args=[wanted, 1000, HOUR_MS, ticket, slot_ms])
        return slot, wait_ms

    return ask


async def test_a_clock_that_is_set_back_stops_nobody(redis: Redis) -> None:
    ahead_ms = ((await redis.time())[0] + 24 * 3600) * 1000
    await redis.hset(KEY, mapping={"next": ahead_ms, "sent": ahead_ms, "holder": "x", "sender": "x"})

    async with asyncio.timeout(5):
        await a_pacing(redis, 10).turn()


async def test_what_nobody_touches_is_forgotten(redis: Redis) -> None:
    await a_pacing(redis, 10).turn()

    assert 60 < await redis.ttl(KEY) <= 120


async def test_nobody_waits_for_ever(redis: Redis) -> None:
    pacing = a_pacing(redis, 0.01, limit_s=0.2)
    await pacing.turn()

    outcomes = await asyncio.gather(pacing.turn(1), pacing.turn(2), return_exceptions=True)

    assert [type(one) for one in outcomes] == [BackendTimeout, BackendTimeout]


class Alone:
    """A replica without Redis, in virtual time."""

    def __init__(self, per_second: float) -> None:
        self.time = VirtualTime()
        self.pacing = a_pacing(AwayRedis(), per_second, clock=self.time.clock, sleep=self.time.sleep)
        self.went: list[tuple[str, float]] = []

    async def goes(self, name: str, asker_id: int, times: int = 1) -> None:
        for _ in range(times):
            await self.pacing.turn(asker_id)
            self.went.append((name, round(self.time.now, 2)))

    def play(self, *stories: Coroutine[Any, Any, None]) -> None:
        async def story() -> None:
            await asyncio.gather(*stories)

        asyncio.run(self.time.run(story()))


def test_without_redis_a_replica_keeps_the_pace_by_itself() -> None:
    alone = Alone(1)

    alone.play(alone.goes("a", 1, times=4))

    assert [at for _, at in alone.went] == pytest.approx([0, SPACING, 2 * SPACING, 3 * SPACING], abs=0.01)


def test_five_hundred_lines_do_not_hold_up_a_single_text() -> None:
    alone = Alone(1)

    async def comes_later() -> None:
        await alone.time.sleep(10)
        await alone.goes("b", 2)

    alone.play(*(alone.goes("a", 1, times=20) for _ in range(3)), comes_later())

    (served_at,) = [at for name, at in alone.went if name == "b"]
    assert served_at - 10 <= 2 * SPACING


def test_without_redis_a_refusal_makes_it_rest_too() -> None:
    alone = Alone(1)

    async def refused() -> None:
        await alone.goes("a", 1)
        await alone.pacing.rest(30)
        await alone.goes("a", 1)

    alone.play(refused())

    assert [at for _, at in alone.went] == [0, 30]


async def test_redis_that_goes_away_and_comes_back_is_told_once(mortal_redis: RedisProcess) -> None:
    clock = [0.0]
    async with Redis.from_url(mortal_redis.url, decode_responses=True, retry=None) as redis:
        pacing = a_pacing(redis, 1000, clock=lambda: clock[0], sleep=_at_once(clock))
        await pacing.turn()
        mortal_redis.kill()
        with capture_logs() as logs:
            for _ in range(3):
                await pacing.turn()
            mortal_redis.start()
            clock[0] += 10
            await pacing.turn()

    assert [line["event"] for line in logs] == [
        "each replica keeps its own pace",
        "all replicas keep their pace together again",
    ]


def _at_once(clock: list[float]) -> Any:
    async def sleep(seconds: float) -> None:
        clock[0] += seconds
        await asyncio.sleep(0)

    return sleep
