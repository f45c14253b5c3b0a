from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.history.window import (
    MOST_PICTURES,
    estimate_picture_tokens,
    estimate_tokens,
    newest_that_fit,
)
from bot.types import Turn, Window

NOW = 10_000.0


def turn(tokens: int = 10, asked_at: float = NOW) -> Turn:
    return Turn("question", "answer", asked_at, tokens)


TURNS = st.lists(st.builds(turn, tokens=st.integers(1, 50), asked_at=st.floats(0, NOW)), max_size=20).map(
    lambda turns: sorted(turns, key=lambda turn: -turn.asked_at)
)
WINDOWS = st.builds(Window, st.integers(0, 200), st.none() | st.floats(0, NOW))


@given(TURNS, WINDOWS)
def test_the_window_never_exceeds_its_budget(turns: list[Turn], window: Window) -> None:
    shown = newest_that_fit(turns, window, now=NOW)

    assert sum(turn.tokens for turn in shown) <= window.max_tokens


@given(TURNS, WINDOWS)
def test_the_window_shows_the_newest_without_a_hole_oldest_first(turns: list[Turn], window: Window) -> None:
    shown = newest_that_fit(turns, window, now=NOW)

    assert list(shown) == turns[: len(shown)][::-1]


@given(TURNS, st.integers(0, 200))
def test_the_window_shows_all_that_fits(turns: list[Turn], max_tokens: int) -> None:
    shown = newest_that_fit(turns, Window(max_tokens), now=NOW)

    one_more = turns[: len(shown) + 1]
    assert len(shown) == len(turns) or sum(turn.tokens for turn in one_more) > max_tokens


@given(TURNS, st.floats(0, NOW))
def test_there_is_no_long_silence_within_the_window(turns: list[Turn], idle_reset_s: float) -> None:
    shown = newest_that_fit(turns, Window(10_000, idle_reset_s), now=NOW)

    times = [*(turn.asked_at for turn in shown), NOW]
    assert all(later - sooner <= idle_reset_s for sooner, later in pairwise(times))


def test_a_budget_of_nothing_shows_nothing() -> None:
    assert newest_that_fit([turn(1)], Window(0), now=NOW) == ()


def test_a_newest_turn_that_is_too_large_hides_what_is_older() -> None:
    assert newest_that_fit([turn(100), turn(1)], Window(50), now=NOW) == ()


def test_a_silence_of_exactly_the_limit_goes_on() -> None:
    assert newest_that_fit([turn(asked_at=NOW - 60)], Window(100, 60), now=NOW) == (turn(asked_at=NOW - 60),)


def test_a_silence_up_to_now_begins_the_dialogue_anew() -> None:
    assert newest_that_fit([turn(asked_at=NOW - 61)], Window(100, 60), now=NOW) == ()


def test_a_clock_that_went_back_is_no_silence() -> None:
    assert newest_that_fit([turn(asked_at=NOW + 90)], Window(100, 60), now=NOW) == (turn(asked_at=NOW + 90),)


def test_no_more_turns_are_looked_at_than_needed() -> None:
    def endless() -> Iterator[Turn]:
        while True:
            yield turn(10)

    assert len(newest_that_fit(endless(), Window(35), now=NOW)) == 3


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", 1),
        ("да", 1),
        ("Привет, мир", 5),
        ("Hello, world", 5),
        ("12:30", 5),
        ("🦜", 4),
        ("語", 3),
        ("\ud83e", 1),
    ],
)
def test_an_estimate_counts_words_by_letters_and_the_rest_by_bytes(text: str, tokens: int) -> None:
    assert estimate_tokens(text) == tokens


@given(st.text(), st.text())
def test_more_text_never_costs_less(text: str, more: str) -> None:
    assert 1 <= estimate_tokens(text) <= estimate_tokens(text + more)


def test_pictures_that_will_not_be_shown_again_cost_nothing() -> None:
    costs = [estimate_picture_tokens(count) for count in range(12)]

    assert costs[0] == 0
    assert costs == sorted(costs)
    assert len(set(costs)) == MOST_PICTURES + 1
