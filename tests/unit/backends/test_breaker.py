import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

import pytest

from bot.backends.breaker import Breaker, Tolerance
from bot.backends.retries import Retrying
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
from bot.types import Ask, ModelChoice, Piece
from tests.tools.clock import FakeClock
from tests.tools.models import ScriptedModel, an_ask, outcome_of, pieces_of

TERMS = Tolerance(failures=3, window_s=60, pause_s=5, longest_pause_s=20)
OTHER = replace(an_ask(), model=ModelChoice("another"))


class Room:
    """A breaker around a model that fails when it is told to."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.model = ScriptedModel()
        self.breaker = Breaker(self.model, TERMS, clock=self.clock)

    async def fail(self, *errors: BackendError) -> None:
        self.model.refusals.extend(errors)
        for _ in errors:
            await outcome_of(self.breaker)

    async def refusal(self) -> ServiceDown | None:
        """How the next ask is turned away; None: it is not."""
        _, error = await outcome_of(self.breaker)
        return error if isinstance(error, ServiceDown) else None


@pytest.fixture
def room() -> Room:
    return Room()


BUSY = (Overloaded("busy"), Unreachable("away"), BackendTimeout(WaitedFor.FIRST_PIECE, 30))


async def test_after_failures_in_a_row_a_model_is_not_asked(room: Room) -> None:
    await room.fail(*BUSY)

    refusal = await room.refusal()

    assert refusal is not None
    assert refusal.retry_after_s == 5
    assert (len(room.model.asks), room.breaker.open_circuits) == (3, 1)


async def test_fewer_failures_change_nothing(room: Room) -> None:
    await room.fail(*BUSY[:2])

    assert await room.refusal() is None


async def test_an_answer_in_between_begins_the_row_anew(room: Room) -> None:
    await room.fail(*BUSY[:2])
    await pieces_of(room.breaker)
    await room.fail(*BUSY[:2])

    assert await room.refusal() is None


async def test_failures_that_lie_far_apart_are_no_row(room: Room) -> None:
    for error in BUSY:
        await room.fail(error)
        room.clock.advance(31)

    assert await room.refusal() is None


@pytest.mark.parametrize(
    "error", [Rejected("wrong"), ContentFiltered("no"), BadCredentials("key"), QuotaExceeded("quota")]
)
async def test_what_is_not_the_services_fault_is_not_counted(room: Room, error: BackendError) -> None:
    await room.fail(*[error] * 10)

    assert await room.refusal() is None


async def test_refusals_for_the_quota_neither_count_nor_heal(room: Room) -> None:
    await room.fail(BUSY[0], QuotaExceeded("quota"), BUSY[1], QuotaExceeded("quota"), BUSY[2])

    assert await room.refusal() is not None


async def test_a_wrong_request_shows_that_the_service_is_there(room: Room) -> None:
    await room.fail(BUSY[0], BUSY[1], Rejected("wrong"), BUSY[2])

    assert await room.refusal() is None


async def test_an_answer_that_breaks_off_shows_that_too(room: Room) -> None:
    room.model.error = ConnectionCut("cut")
    for _ in range(10):
        await outcome_of(room.breaker)

    assert await room.refusal() is None


async def test_after_the_pause_one_answer_makes_all_well(room: Room) -> None:
    await room.fail(*BUSY)
    room.clock.advance(5)

    assert await room.refusal() is None
    assert room.breaker.open_circuits == 0
    await room.fail(*BUSY[:2])
    assert await room.refusal() is None


async def test_a_trial_that_fails_doubles_the_pause_up_to_a_limit(room: Room) -> None:
    await room.fail(*BUSY)
    pauses = []
    for pause_s in (5, 10, 20, 20):
        room.clock.advance(pause_s)
        await room.fail(Overloaded("still busy"))
        refusal = await room.refusal()
        pauses.append(refusal and refusal.retry_after_s)

    assert pauses == [10, 20, 20, 20]


async def test_one_trial_at_a_time(room: Room) -> None:
    await room.fail(*BUSY)
    room.clock.advance(5)
    room.model.delays_s = [3600]
    trial = asyncio.create_task(pieces_of(room.breaker))
    await asyncio.sleep(0)

    refusal = await room.refusal()

    assert refusal is not None
    assert refusal.retry_after_s == 5
    trial.cancel()
    await asyncio.wait([trial])
    room.model.delays_s = [0]
    assert await room.refusal() is None


@pytest.mark.parametrize("error", [QuotaExceeded("quota"), Rejected("wrong")])
async def test_a_trial_that_proves_no_failure_lets_the_next_one_through(
    room: Room, error: BackendError
) -> None:
    await room.fail(*BUSY)
    room.clock.advance(5)
    await room.fail(error)

    assert await room.refusal() is None


async def test_asks_that_were_under_way_do_not_lengthen_the_pause(room: Room) -> None:
    gate = asyncio.Event()

    class Late:
        is_busy = True

        async def stream(self, _: Ask) -> AsyncGenerator[Piece, None]:
            await gate.wait()
            if self.is_busy:
                raise Overloaded("busy")
            yield Piece("never")

    breaker = Breaker(Late(), TERMS, clock=room.clock)
    asks = [asyncio.create_task(outcome_of(breaker)) for _ in range(9)]
    await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(*asks)

    _, error = await outcome_of(breaker)

    assert isinstance(error, ServiceDown)
    assert error.retry_after_s == 5


async def test_an_ask_that_was_under_way_may_prove_that_the_model_is_there(room: Room) -> None:
    async with aclosing(room.breaker.stream(an_ask())) as under_way:
        room.model.delays_s = [0.01]
        first = asyncio.ensure_future(anext(under_way))
        await asyncio.sleep(0)
        await room.fail(*BUSY)
        await first

    assert await room.refusal() is None


async def test_models_are_left_alone_one_by_one(room: Room) -> None:
    await room.fail(*BUSY)

    assert await outcome_of(room.breaker, OTHER) == (["Hello", "Hello, world"], None)


async def test_who_is_turned_away_is_not_tried_again(room: Room) -> None:
    room.model.refusals.extend(BUSY)
    retrying = Retrying(room.breaker, 5, sleep=room.clock.sleep, chance=lambda: 0.5)
    terms = len(BUSY)
    room.model.refusals[2] = Overloaded("busy")

    _, error = await outcome_of(retrying)

    assert isinstance(error, ServiceDown)
    assert (len(room.model.asks), len(room.clock.slept)) == (terms, terms)
