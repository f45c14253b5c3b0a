import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.classifying.charts import bar, chart_of_labels, chart_of_verdict, escaped, progress
from bot.replies.entities import Kind
from bot.replies.markup import render
from bot.texts import ENGLISH, RUSSIAN
from bot.types import Verdict

WORDS = ENGLISH.classifying


def test_a_verdict_is_a_bar_for_each_label_the_best_first() -> None:
    verdict = Verdict((("bad", 0.124), ("good", 0.872), ("neither", 0.004), ("no", 0.0)))

    shown = render(chart_of_verdict("Tone", verdict, WORDS))

    assert shown.text.replace("\N{NO-BREAK SPACE}", " ").splitlines() == [
        "Tone",
        "",
        "█████████░  87 % good",
        "█░░░░░░░░░  12 % bad",
        "░░░░░░░░░░  <1 % neither",
        "░░░░░░░░░░   0 % no",
    ]


def test_bars_and_numbers_are_of_one_width_in_letters_of_one_width() -> None:
    shown = render(chart_of_verdict("Tone", Verdict((("a", 1.0), ("b", 0.0))), WORDS))

    codes = [one for one in shown.entities if one.type is Kind.CODE]
    assert [one.length for one in codes] == [16, 16]
    assert [one.type for one in shown.entities if one.type is Kind.BOLD] == [Kind.BOLD] * 2


@pytest.mark.parametrize(
    ("share", "shown"),
    [(0, "░" * 10), (0.04, "░" * 10), (0.06, "█" + "░" * 9), (0.5, "█" * 5 + "░" * 5), (1, "█" * 10)],
)
def test_a_bar_is_as_long_as_its_share(share: float, shown: str) -> None:
    assert bar(share) == shown


def test_of_many_labels_the_best_are_shown() -> None:
    verdict = Verdict(tuple((f"label{number}", number / 100) for number in range(100)))

    lines = render(chart_of_verdict("Topic", verdict, WORDS)).text.splitlines()

    assert lines[2].endswith("label99")
    assert lines[21].endswith("label80")
    assert lines[22:] == [WORDS.more_labels.format(count=80)]


def test_labels_of_a_list_are_counted() -> None:
    shown = render(chart_of_labels(Counter({"bad": 3, "good": 9}), WORDS)).text

    assert [line.split("%")[1] for line in shown.splitlines()] == [" good: 9", " bad: 3"]


@pytest.mark.parametrize(
    ("left_s", "shown"),
    [
        (None, "12 of 50"),
        (1, "12 of 50, about 5 s left"),
        (42, "12 of 50, about 40 s left"),
        (89, "12 of 50, about 90 s left"),
        (100, "12 of 50, about 2 min left"),
        (3600, "12 of 50, about 60 min left"),
    ],
)
def test_progress_tells_how_long_it_may_take(left_s: float | None, shown: str) -> None:
    text = render(progress("Tone", 12, 50, left_s, WORDS)).text

    assert text.splitlines() == ["Tone", f"{bar(0.24)} {shown}"]


def test_progress_is_told_in_russian_too() -> None:
    assert "12 из 50, ещё около 40 с" in progress("Тон", 12, 50, 40, RUSSIAN.classifying)


@pytest.mark.parametrize(
    "text",
    [
        "*a* _b_ `c`",
        "[x](y) <b>",
        "# 1. a",
        "$x$ ||y||",
        "a\\b ~~c~~",
        "a\nb",
        "- x",
        "> y",
        r"\(x\)",
        r"\[x\] \\\[y\]",
        "![a](http://x.y)",
        "[a]: b",
    ],
)
def test_markdown_of_a_label_is_shown_as_it_is_written(text: str) -> None:
    shown = render(chart_of_verdict(text, Verdict(((text, 1.0), (text, 0.5))), WORDS)).text

    shown = shown.replace("\N{WORD JOINER}", "")
    assert shown.splitlines()[0] == " ".join(text.split())
    assert all(line.endswith(f"% {' '.join(text.split())}") for line in shown.splitlines()[2:])


@given(st.text(min_size=1, max_size=40).filter(lambda text: re.search(r"\w", text) is not None))
def test_no_label_breaks_the_chart(label: str) -> None:
    shown = render(chart_of_verdict("Tone", Verdict(((label, 1.0), ("other", 0.0))), WORDS))

    assert len(shown.text.splitlines()) >= 4
    assert sum(one.type is Kind.CODE for one in shown.entities) == 2
    assert "\n" not in escaped(label)
