import pytest

from bot.backends.orders import RetryingLater
from bot.errors import BackendError, ConnectionCut, Overloaded, QuotaExceeded, Rejected, Unreachable
from tests.tools.clock import FakeClock
from tests.tools.later import ScriptedLater
from tests.tools.models import an_ask

BUSY = QuotaExceeded("429", was_unheard=True)


def retrying(model: ScriptedLater, clock: FakeClock, attempts: int = 6) -> RetryingLater:
    return RetryingLater(model, attempts, sleep=clock.sleep, chance=lambda: 0.5)


async def test_an_order_that_did_not_arrive_is_sent_again_with_longer_and_longer_pauses() -> None:
    model, clock = ScriptedLater(refusals=[Unreachable("no"), BUSY, BUSY]), FakeClock()

    assert await retrying(model, clock).order(an_ask()) == "d7q1"

    assert len(model.asks) == 4
    assert clock.slept == [0.5, 1.0, 2.0]


@pytest.mark.parametrize("error", [ConnectionCut("cut"), Overloaded("500"), Rejected("400")])
async def test_an_order_that_may_have_arrived_is_not_repeated(error: BackendError) -> None:
    model = ScriptedLater(refusals=[error])

    with pytest.raises(type(error)):
        await retrying(model, FakeClock()).order(an_ask())

    assert len(model.asks) == 1


async def test_it_gives_up_after_some_attempts() -> None:
    model = ScriptedLater(refusals=[BUSY] * 3)

    with pytest.raises(QuotaExceeded):
        await retrying(model, FakeClock(), attempts=3).order(an_ask())

    assert len(model.asks) == 3


async def test_the_services_advice_lengthens_the_pause() -> None:
    model, clock = ScriptedLater(refusals=[Overloaded("503", 7, was_unheard=True)]), FakeClock()

    await retrying(model, clock).order(an_ask())

    assert clock.slept == [7]


async def test_advice_to_wait_for_long_is_an_error_at_once() -> None:
    model = ScriptedLater(refusals=[Overloaded("503", 60, was_unheard=True)])

    with pytest.raises(Overloaded):
        await retrying(model, FakeClock()).order(an_ask())


async def test_looks_and_cancellations_are_passed_on_once() -> None:
    model = ScriptedLater(Unreachable("no"))
    patient = retrying(model, FakeClock())

    with pytest.raises(Unreachable):
        await patient.outcome("d7q1")
    await patient.cancel("d7q1")

    assert (model.looks, model.cancelled) == (["d7q1"], ["d7q1"])
