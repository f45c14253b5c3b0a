import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.replies.entities import BLANKS, Entity, Kind, Rendered, units
from bot.replies.markup import render
from bot.replies.split import split
from tests.tools.markdown_samples import DOCUMENTS
from tests.tools.telegram_judge import assert_accepted


def _texts(text: str, most_units: int) -> list[str]:
    return [part.text for part in split(Rendered(text), most_units)]


def test_a_short_text_is_one_part() -> None:
    whole = Rendered("коротко", (Entity(Kind.BOLD, 0, 7),))

    assert split(whole) == [whole]


def test_nothing_is_no_part() -> None:
    assert split(Rendered()) == []


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("one two three.\n\nfour\nfive. six", ["one two three.", "four\nfive. six"]),
        ("one two. three\nfour. five six", ["one two. three", "four. five six"]),
        ("one two. three. four five six", ["one two. three.", "four five six"]),
        ("one two three four five six", ["one two three four", "five six"]),
        ("onetwothreefourfivesix", ["onetwothreefourfive", "six"]),
        ("one two three four fi ve", ["one two three four", "fi ve"]),
        ("a\n\nonetwothreefourfivesix", ["a", "onetwothreefourfive", "six"]),
    ],
)
def test_it_is_cut_where_a_reader_would_pause(text: str, parts: list[str]) -> None:
    assert _texts(text, 19) == parts


def test_units_are_counted_as_telegram_counts_offsets() -> None:
    assert _texts("😀" * 5, 4) == ["😀😀", "😀😀", "😀"]


def test_an_emoji_of_many_parts_is_not_torn() -> None:
    family = "👩\u200d👩\u200d👧"

    assert _texts("ab" + family * 2, 15) == ["ab" + family, family]


def test_a_cluster_longer_than_a_message_is_torn_nevertheless() -> None:
    assert "".join(_texts("e" + "\u0301" * 100, 40)) == "e" + "\u0301" * 100


def test_code_is_reopened_with_its_language() -> None:
    code = "\n".join(f"line {number}" for number in range(10))

    parts = split(render(f"```py\n{code}\n```"), 40)

    assert "\n".join(part.text for part in parts) == code
    assert all(part.entities == (Entity(Kind.PRE, 0, len(part.text), language="py"),) for part in parts)


def test_code_is_preferably_cut_before_a_statement_that_is_not_indented() -> None:
    parts = split(render("```\ndef a():\n    one\ndef b():\n    two\n    three\n```"), 30)

    assert [part.text for part in parts] == ["def a():\n    one", "def b():\n    two\n    three"]


def test_no_more_entities_than_telegram_takes_and_links_are_never_dropped() -> None:
    source = " ".join(f"**b** *i* [l](http://a.b/{number})" for number in range(150))

    parts = split(render(source))

    assert all(len(part.entities) <= 100 for part in parts)
    links = [one.url for part in parts for one in part.entities if one.type is Kind.LINK]
    assert links == [f"http://a.b/{number}" for number in range(150)]
    assert " ".join(part.text for part in parts) == render(source).text


def test_a_crowd_is_cut_earlier_so_that_no_look_is_lost() -> None:
    source = " ".join("`c` *i*" for _ in range(160))

    parts = split(render(source))

    assert sum(len(part.entities) for part in parts) == 320
    assert " ".join(part.text for part in parts) == render(source).text


def test_where_even_that_would_tear_the_text_to_shreds_the_least_looks_go() -> None:
    source = "".join("`c`*i*" for _ in range(80))

    first, second = split(render(source))

    assert (len(first.text), len(first.entities)) == (128, 100)
    assert [one.type for one in first.entities].count(Kind.CODE) == 64
    assert len(second.entities) == 32


@settings(max_examples=150, deadline=None)
@given(DOCUMENTS, st.integers(20, 200))
def test_parts_join_to_the_whole_and_fit(document: str, most_units: int) -> None:
    whole = render(document)

    parts = split(whole, most_units)

    rest = whole.text
    for part in parts:
        assert units(part.text) <= most_units
        assert_accepted(part)
        assert rest.startswith(part.text)
        rest = rest[len(part.text) :].lstrip(BLANKS)
    assert rest == ""


@settings(max_examples=100, deadline=None)
@given(st.text("аб .\n", max_size=400), st.integers(0, 400), st.integers(20, 60))
def test_growth_does_not_move_earlier_cuts(text: str, cut: int, most_units: int) -> None:
    earlier, later = _texts(text[:cut], most_units), _texts(text, most_units)

    assert later[: max(0, len(earlier) - 1)] == earlier[:-1]
