from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from bot.backends.retries import Retrying
from bot.errors import (
    AccessDenied,
    BackendError,
    BackendTimeout,
    ConnectionCut,
    Overloaded,
    QuotaExceeded,
    Unreachable,
    WaitedFor,
)
from bot.types import Ask, Piece
from tests.tools.clock import FakeClock
from tests.tools.models import ScriptedModel, outcome_of


def retrying(model: ScriptedModel, clock: FakeClock, attempts: int = 3) -> Retrying:
    """Retry without jitter and without waiting."""
    return Retrying(model, attempts, sleep=clock.sleep, chance=lambda: 0.5)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


async def test_a_busy_service_is_asked_again(clock: FakeClock) -> None:
    model = ScriptedModel(["A", "A b"], refusals=[Overloaded("busy"), Unreachable("away")])

    outcome = await outcome_of(retrying(model, clock))

    assert outcome == (["A", "A b"], None)
    assert clock.slept == [0.5, 1.0]


async def test_the_last_error_is_told_when_no_attempt_succeeds(clock: FakeClock) -> None:
    model = ScriptedModel(refusals=[Overloaded("first"), Overloaded("second"), QuotaExceeded("third")])

    _, error = await outcome_of(retrying(model, clock))

    assert str(error) == "third"
    assert len(model.asks) == 3


@pytest.mark.parametrize(
    "error",
    [AccessDenied("no"), ConnectionCut("cut"), BackendTimeout(WaitedFor.FIRST_PIECE, 30)],
)
async def test_what_will_not_pass_is_not_tried_again(clock: FakeClock, error: BackendError) -> None:
    model = ScriptedModel(refusals=[error])

    assert await outcome_of(retrying(model, clock)) == ([], error)
    assert clock.slept == []


async def test_an_answer_that_has_begun_is_not_begun_again(clock: FakeClock) -> None:
    model = ScriptedModel(["A"], error=Overloaded("late"))

    texts, error = await outcome_of(retrying(model, clock))

    assert texts == ["A"]
    assert isinstance(error, Overloaded)
    assert len(model.asks) == 1


async def test_the_advice_of_the_service_lengthens_the_pause(clock: FakeClock) -> None:
    model = ScriptedModel(refusals=[Overloaded("busy", retry_after_s=7)])

    await outcome_of(retrying(model, clock))

    assert clock.slept == [7]


async def test_advice_to_wait_long_is_an_error_at_once(clock: FakeClock) -> None:
    model = ScriptedModel(refusals=[QuotaExceeded("quota", retry_after_s=60)])

    _, error = await outcome_of(retrying(model, clock))

    assert isinstance(error, QuotaExceeded)
    assert clock.slept == []


@pytest.mark.parametrize(("chance", "pause_s"), [(0.0, 0.25), (0.999999, 0.75)])
async def test_pauses_are_spread(clock: FakeClock, chance: float, pause_s: float) -> None:
    model = ScriptedModel(refusals=[Overloaded("busy")])

    await outcome_of(Retrying(model, sleep=clock.sleep, chance=lambda: chance))

    assert clock.slept == [pytest.approx(pause_s, abs=0.001)]


async def test_one_attempt_means_no_second(clock: FakeClock) -> None:
    model = ScriptedModel(refusals=[Overloaded("busy")])

    _, error = await outcome_of(retrying(model, clock, attempts=1))

    assert isinstance(error, Overloaded)


async def test_a_place_in_a_line_is_no_beginning(clock: FakeClock) -> None:
    class Crowded(ScriptedModel):
        async def stream(self, ask: Ask) -> AsyncGenerator[Piece, None]:
            yield Piece("", waiting=3)
            async with aclosing(super().stream(ask)) as pieces:
                async for piece in pieces:
                    yield piece

    model = Crowded(["A"], refusals=[Overloaded("busy")])

    assert await outcome_of(retrying(model, clock)) == (["", "", "A"], None)
