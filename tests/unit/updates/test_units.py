from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.updates.units import gap, is_cut, is_torn, units, whole_text
from tests.tools.updates import ANNA, PHOTO, a_message, parsed

LONG = "x" * 4096
ORIGIN = {"type": "user", "date": 1, "sender_user": ANNA}


def said(text: str | None, second: int = 0, **more: Any) -> dict[str, Any]:
    return a_message(text, **{"date": 1_700_000_000 + second, **more})


def forwarded(text: str, second: int = 0, **more: Any) -> dict[str, Any]:
    return said(text, second, forward_origin=ORIGIN, **more)


@pytest.mark.parametrize(
    ("messages", "sizes"),
    [
        pytest.param([said("a"), said("b")], [1, 1], id="two thoughts"),
        pytest.param([said(LONG), said(LONG, 1), said("b", 2)], [3], id="a long text"),
        pytest.param([said("x" * 2500), said("b")], [2], id="a text cut at a paragraph"),
        pytest.param([said("x" * 2000), said("b")], [1, 1], id="a short text is never cut"),
        pytest.param([said(LONG), said("b", 3)], [1, 1], id="too late to be a part"),
        pytest.param([said("b", 3), said(LONG)], [1, 1], id="from a time before"),
        pytest.param([said(LONG), said(None, photo=[])], [1, 1], id="a picture goes on with no text"),
        pytest.param(
            [said(None, n * 9, media_group_id="1", photo=[]) for n in (2, 0, 1)] + [said("b", 9)],
            [3, 1],
            id="an album, in any order",
        ),
        pytest.param(
            [said(None, media_group_id=one, photo=[]) for one in ("1", "1", "2")], [2, 1], id="two albums"
        ),
        pytest.param([said("see"), forwarded("a"), forwarded("b", 1)], [3], id="a comment, then forwards"),
        pytest.param([forwarded("a"), forwarded("b"), said("see", 1)], [3], id="forwards, then a comment"),
        pytest.param([forwarded("a"), said("see"), said("and")], [2, 1], id="one comment is enough"),
        pytest.param([said("see"), forwarded("a"), said("and")], [2, 1], id="what follows is new"),
        pytest.param([said("see"), forwarded("a", 3)], [1, 1], id="forwarded later"),
        pytest.param([said(LONG), said("see"), forwarded("a")], [3], id="a long comment"),
        pytest.param([forwarded("a"), said(LONG), said("see")], [3], id="a long comment below"),
    ],
)
def test_what_was_sent_in_one_go_is_one_unit(messages: list[dict[str, Any]], sizes: list[int]) -> None:
    assert [len(unit) for unit in units(map(parsed, messages))] == sizes


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (said("x" * 3999), False),
        (said("x" * 4000), True),
        (said("🐦" * 2000), True),
        (said(None, caption=LONG, photo=[]), False),
        (forwarded(LONG), False),
    ],
)
def test_a_text_near_the_limit_was_cut(message: dict[str, Any], *, expected: bool) -> None:
    assert is_cut(parsed(message)) is expected


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        ([said("a")], False),
        ([said(LONG)], True),
        ([said(None, media_group_id="1", photo=[])] * 9, True),
        ([said(None, media_group_id="1", photo=[])] * 10, False),
        ([said(None, media_group_id="1", photo=[]), said("see")], False),
    ],
    ids=["a text", "a cut text", "an album", "a full album", "a comment"],
)
def test_more_is_on_its_way_of_a_cut_text_and_of_an_album(
    unit: list[dict[str, Any]], *, expected: bool
) -> None:
    assert is_torn([parsed(message) for message in unit]) is expected


@pytest.mark.parametrize(
    ("before", "after", "lost"),
    [
        pytest.param(LONG, "y", "", id="in the middle of a word"),
        pytest.param("x" * 4095, "🐦", "", id="before a character that found no place"),
        pytest.param("a b " * 1020 + "a", "y", " ", id="between words"),
        pytest.param("x" * 3000 + "\na " * 300 + "x", "y", "\n", id="between lines"),
        pytest.param("x" * 3000 + "\n\na\nb " + "x", "y", "\n\n", id="between paragraphs"),
        pytest.param("a\n\n" + "x " * 2040 + "x", "y", " ", id="only the second half counts"),
        pytest.param("x" * 4090, "y", "", id="nowhere to cut"),
        pytest.param("x y" * 1360 + " ", "y", " ", id="the blank is still there"),
        pytest.param("x\n" * 2000 + "x", "\n\ty", "\n\t", id="the blanks are still there"),
    ],
)
def test_the_gap_between_parts_is_what_the_cut_swallowed(before: str, after: str, lost: str) -> None:
    assert gap(before, after) == lost


WORDS = st.lists(st.text("абв🐦", min_size=5, max_size=40), min_size=1, max_size=9).map(
    lambda words: words * 900
)


def cut_at_breaks(text: str, break_: str) -> list[str]:
    """Cut as a client that goes back to the last break, and let the server take off the blanks.

    A part that is full to the brim may as well have been cut in the middle of a word; here none is.
    """
    parts = []
    while len(text.encode("utf-16-le")) // 2 > 4090:
        end = len(text.encode("utf-16-le")[: 2 * 4090].decode("utf-16-le", "ignore"))
        at = text.rindex(break_, 0, end + 1)
        parts.append(text[:at])
        text = text[at + len(break_) :]
    return [*parts, text]


@settings(max_examples=30)
@given(WORDS, st.sampled_from(["\n\n", "\n", " "]))
def test_a_text_cut_at_its_breaks_is_whole_again(words: list[str], break_: str) -> None:
    text = break_.join(words[:900])

    first, *rest = cut_at_breaks(text, break_)

    whole, before = first, first
    for part in rest:
        whole, before = whole + gap(before, part) + part, part
    assert whole == text


def test_a_text_that_was_cut_is_whole_again() -> None:
    lines = [f"line {number}" for number in range(900)]
    text = "/classify\n" + "\n".join(lines)
    cut = text.rindex("\n", 0, 4096)
    parts = [parsed(said(text[:cut])), parsed(said(text[cut + 1 :])), parsed(said(None, photo=PHOTO))]

    assert whole_text(parts) == text
    assert whole_text([parsed(said(None, photo=PHOTO, caption="/classify"))]) == "/classify"
