from collections.abc import Callable
from itertools import pairwise

import pytest

from bot.backends.paced import PacedClassifier
from bot.backends.pacing import Pacing
from bot.errors import (
    BackendError,
    BackendTimeout,
    BadCredentials,
    ConnectionCut,
    ContentFiltered,
    Overloaded,
    QuotaExceeded,
    Rejected,
    ServiceDown,
    Unreachable,
    WaitedFor,
)
from bot.types import ModelChoice, Scheme, Verdict
from tests.tools.classifiers import ScriptedClassifier
from tests.tools.clock import FakeClock
from tests.tools.reply_stage import AwayRedis

SCHEME = Scheme(ModelChoice("yandexgpt-lite"), "Tell", ("a", "b"))


class Counter:
    """A classifier with troubles, a pace around it, and a clock."""

    def __init__(self, *troubles: BackendError, chance: Callable[[], float] = lambda: 0.5) -> None:
        self.clock = FakeClock()
        self.asked = ScriptedClassifier(troubles=troubles, clock=self.clock)
        pacing = Pacing(AwayRedis(), 42, "test", 0, clock=self.clock, sleep=self.clock.sleep)
        self.paced = PacedClassifier(self.asked, pacing, sleep=self.clock.sleep, chance=chance)

    async def classify(self) -> Verdict:
        return await self.paced.classify("hello", SCHEME, asker_id=5)

    @property
    def pauses_s(self) -> list[float]:
        times = [at for at, *_ in self.asked.asked]
        return [later - earlier for earlier, later in pairwise(times)]


async def test_a_verdict_is_passed_on() -> None:
    counter = Counter()

    verdict = await counter.classify()

    assert verdict.confidences[0][0] == "a"
    assert [(text, asker_id) for _, text, asker_id in counter.asked.asked] == [("hello", 5)]


@pytest.mark.parametrize(
    "trouble",
    [
        QuotaExceeded("quota"),
        Overloaded("busy"),
        Unreachable("no route"),
        ConnectionCut("cut"),
        BackendTimeout(WaitedFor.WHOLE_ANSWER, 60),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_what_may_pass_is_tried_again_after_growing_pauses(trouble: BackendError) -> None:
    counter = Counter(trouble, trouble, trouble)

    await counter.classify()

    assert counter.pauses_s == pytest.approx([1, 2, 4])


async def test_the_last_error_is_raised() -> None:
    counter = Counter(*(Overloaded(str(number)) for number in range(4)))

    with pytest.raises(Overloaded, match="3"):
        await counter.classify()

    assert len(counter.asked.asked) == 4


@pytest.mark.parametrize(
    "trouble",
    [
        Rejected("odd"),
        BadCredentials("key"),
        ContentFiltered("ethics"),
        ServiceDown("down", 10),
        QuotaExceeded("a day's quota", retry_after_s=3600),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_what_does_not_pass_soon_is_told_at_once(trouble: BackendError) -> None:
    counter = Counter(trouble)

    with pytest.raises(type(trouble)):
        await counter.classify()

    assert len(counter.asked.asked) == 1


async def test_the_services_advice_lengthens_a_pause() -> None:
    counter = Counter(QuotaExceeded("quota", retry_after_s=7))

    await counter.classify()

    assert counter.pauses_s == pytest.approx([7])


@pytest.mark.parametrize(("chance", "pause_s"), [(0.0, 0.5), (1.0, 1.5)])
async def test_pauses_are_spread(chance: float, pause_s: float) -> None:
    counter = Counter(Overloaded("busy"), chance=lambda: chance)

    await counter.classify()

    assert counter.pauses_s == pytest.approx([pause_s])
