import pytest
from aiogram.exceptions import (
    TelegramConflictError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.methods import GetMe

from bot.updates.troubles import Troubles
from tests.tools.clock import FakeClock

METHOD = GetMe()
AWAY = TelegramNetworkError(METHOD, "no route")
CONFLICT = TelegramConflictError(METHOD, "terminated by other getUpdates request")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def troubles(clock: FakeClock) -> Troubles:
    return Troubles("away", {TelegramConflictError: "a rival"}, over="back", clock=clock)


def test_failures_in_a_row_are_waited_out_longer_and_longer(troubles: Troubles) -> None:
    assert [troubles.add(AWAY) for _ in range(7)] == [0.5, 1, 2, 4, 8, 15, 15]

    troubles.end()

    assert troubles.add(AWAY) == 0.5


def test_telegrams_own_advice_is_followed(troubles: Troubles) -> None:
    assert troubles.add(TelegramRetryAfter(METHOD, "flood", 40)) == 40


def test_an_episode_is_one_line_and_its_end_another(
    troubles: Troubles, clock: FakeClock, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        troubles.add(AWAY)
        troubles.add(AWAY)
        assert troubles.sentence == "away"
        troubles.end()
        assert troubles.sentence == ""
        clock.advance(10)
        troubles.end()
        troubles.end()

    told = capsys.readouterr().out
    assert (told.count("away"), told.count("back")) == (2, 2)


def test_a_line_that_flaps_is_one_episode(
    troubles: Troubles, clock: FakeClock, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(10):
        troubles.add(AWAY)
        troubles.add(TelegramServerError(METHOD, "Bad Gateway"))
        clock.advance(5)
        troubles.end()
    clock.advance(5)
    troubles.end()

    told = capsys.readouterr().out
    assert (told.count("away"), told.count("back")) == (1, 1)


def test_two_pollers_who_take_turns_are_one_episode(
    troubles: Troubles, clock: FakeClock, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(10):
        troubles.add(CONFLICT)
        clock.advance(30)
        troubles.end()
    clock.advance(30)
    troubles.end()

    told = capsys.readouterr().out
    assert (told.count("a rival"), told.count("back")) == (1, 1)
