import asyncio
import time
from collections import Counter
from itertools import pairwise

import pytest
from redis.asyncio import Redis

from bot.backends.line import Line
from bot.backends.paced import PacedClassifier
from bot.backends.pacing import SPACING, Pacing
from bot.errors import BackendError, BackendTimeout, ConnectionCut, ContentFiltered, QuotaExceeded, Unreachable
from bot.types import ModelChoice, Scheme, Verdict
from tests.tools.reply_stage import AwayRedis

SCHEME = Scheme(ModelChoice("m"), "task", ("a", "b"))
A_TENTH = 10.0
"""Requests a second."""


async def sent(*pacings: Pacing, each: int) -> list[float]:
    """Let every process send some requests, and return when they went."""
    moments: list[float] = []

    async def send(pacing: Pacing) -> None:
        await pacing.turn()
        moments.append(time.monotonic())

    await asyncio.gather(*(send(pacing) for pacing in pacings for _ in range(each)))
    return sorted(moments)


def assert_apart(moments: list[float]) -> None:
    assert min(later - sooner for sooner, later in pairwise(moments)) >= 0.9 / A_TENTH


async def test_two_processes_keep_one_pace(redis: Redis) -> None:
    moments = await sent(*(Pacing(redis, 42, "test", A_TENTH) for _ in range(2)), each=4)

    assert_apart(moments)
    assert moments[-1] - moments[0] < 2 * 7 * SPACING / A_TENTH


async def test_without_redis_each_process_keeps_the_pace_by_itself() -> None:
    assert_apart(await sent(Pacing(AwayRedis(), 42, "test", A_TENTH), each=4))


async def test_without_a_quota_nobody_waits(redis: Redis) -> None:
    moments = await sent(Pacing(redis, 42, "test", 0), each=20)

    assert moments[-1] - moments[0] < 1


async def test_nobody_waits_for_longer_than_the_limit(redis: Redis) -> None:
    pacing = Pacing(redis, 42, "test", 0.1, limit_s=0.2)
    await pacing.turn()

    with pytest.raises(BackendTimeout):
        await pacing.turn()


async def test_who_leaves_gives_the_slot_back(redis: Redis) -> None:
    pacing = Pacing(redis, 42, "test", 2)
    await pacing.turn()
    leaving = asyncio.create_task(pacing.turn())
    await asyncio.sleep(0.1)
    leaving.cancel()
    await asyncio.wait({leaving})

    began_at = time.monotonic()
    await pacing.turn()

    assert time.monotonic() - began_at < 0.9


async def test_a_rest_holds_everybody_up(redis: Redis) -> None:
    one, other = Pacing(redis, 42, "test", 1000), Pacing(redis, 42, "test", 1000)
    await one.rest(0.3)

    began_at = time.monotonic()
    await other.turn()

    assert time.monotonic() - began_at >= 0.25


async def test_somebody_with_many_wishes_lets_others_pass() -> None:
    line, served = Line(), list[int]()

    async def wish(asker_id: int) -> None:
        async with line.first(asker_id):
            served.append(asker_id)
            await asyncio.sleep(0)

    many = [asyncio.create_task(wish(1)) for _ in range(5)]
    await asyncio.sleep(0)
    await asyncio.gather(*many, wish(2), wish(3))

    assert served[-2:] == [1, 1]
    assert Counter(served) == {1: 5, 2: 1, 3: 1}


async def test_who_leaves_the_line_holds_up_nobody() -> None:
    line, served = Line(), list[int]()
    gate = asyncio.Event()

    async def wish(asker_id: int) -> None:
        async with line.first(asker_id):
            await gate.wait()
            served.append(asker_id)

    first, second, third = (asyncio.create_task(wish(number)) for number in (1, 2, 3))
    await asyncio.sleep(0)
    second.cancel()
    await asyncio.wait({second})
    gate.set()
    await asyncio.gather(first, third)

    assert served == [1, 3]


class Fickle:
    """Raises what it was given, one by each call, and then gives a verdict."""

    def __init__(self, *errors: BackendError) -> None:
        self.errors = list(errors)
        self.calls = 0

    async def classify(self, _text: str, _scheme: Scheme, *, asker_id: int = 0) -> Verdict:
        del asker_id
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return Verdict((("a", 1.0),))


def paced(classifier: Fickle) -> PacedClassifier:
    async def soon(_: float) -> None:
        await asyncio.sleep(0)

    return PacedClassifier(classifier, Pacing(AwayRedis(), 42, "test", 0), sleep=soon, chance=lambda: 0.0)


@pytest.mark.parametrize("error", [Unreachable("no"), ConnectionCut("cut"), QuotaExceeded("soon", 0.01)])
async def test_what_may_pass_is_tried_again(error: BackendError) -> None:
    classifier = Fickle(error)

    assert (await paced(classifier).classify("it", SCHEME)).ranked == (("a", 1.0),)
    assert classifier.calls == 2


async def test_what_will_not_pass_is_told_at_once() -> None:
    classifier = Fickle(ContentFiltered("no"))

    with pytest.raises(ContentFiltered):
        await paced(classifier).classify("it", SCHEME)
    assert classifier.calls == 1


async def test_after_four_attempts_it_is_given_up() -> None:
    classifier = Fickle(*(Unreachable("no") for _ in range(9)))

    with pytest.raises(Unreachable):
        await paced(classifier).classify("it", SCHEME)
    assert classifier.calls == 4
