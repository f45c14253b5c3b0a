import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.history.entry import beginning, dump_turn, load_turn
from bot.types import Turn

TURNS = st.builds(
    Turn,
    st.text(),
    st.text(),
    st.floats(0, 2**40),
    st.integers(min_value=1),
    st.lists(st.text()).map(tuple),
)  # st.text() has no surrogates


@given(TURNS, st.text(min_size=1))
def test_a_turn_comes_back_as_it_went(turn: Turn, turn_id: str) -> None:
    assert load_turn(dump_turn(turn, turn_id)) == turn


@given(TURNS, st.text(), st.text())
def test_an_entry_begins_like_its_own_turn_only(turn: Turn, turn_id: str, other_id: str) -> None:
    written = dump_turn(turn, turn_id)

    assert written.startswith(beginning(other_id)) == (turn_id == other_id)


def test_russian_is_kept_in_two_bytes_a_letter() -> None:
    assert len(dump_turn(Turn("ы" * 1000, "", 0, 1), "1")) < 2100


def test_an_album_costs_as_much_as_its_names_and_no_pictures_are_kept() -> None:
    names = tuple(f"AQADuT8xG2_QUVR{number}:{'x' * 90}" for number in range(10))

    assert len(dump_turn(Turn("", "", 0, 1, names), "1")) < 1200


def test_half_a_surrogate_pair_becomes_a_question_mark() -> None:
    kept = load_turn(dump_turn(Turn("\ud83e", "ok", 1, 1), "1"))

    assert kept == Turn("?", "ok", 1, 1)


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b"null",
        b'{"id":"1","q":"only a question"}',
        b'{"q":1,"a":"b","at":1,"n":1}',
        b'{"q":"a","a":"b","at":"1","n":1}',
        b'{"q":"a","a":"b","at":1,"n":1.5}',
    ],
)
def test_a_broken_entry_is_no_turn(broken: bytes) -> None:
    assert load_turn(broken) is None


def test_names_of_a_newer_version_are_ignored() -> None:
    assert load_turn(b'{"q":"a","a":"b","at":1,"n":2,"new":[]}') == Turn("a", "b", 1, 2)


def test_a_turn_never_costs_less_than_one_token() -> None:
    assert load_turn(b'{"q":"a","a":"b","at":1,"n":0}') == Turn("a", "b", 1, 1)
