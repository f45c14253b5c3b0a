from collections import Counter

import pytest

from bot.classifying.charts import bar, chart_of_labels, chart_of_verdict, escaped, progress
from bot.texts import ENGLISH
from bot.types import Verdict

WORDS = ENGLISH.classifying


def test_a_verdict_has_a_bar_and_per_cent_for_each_label_the_best_first() -> None:
    chart = chart_of_verdict("Tone", Verdict((("bad", 0.002), ("good", 0.9), ("so-so", 0.098))), WORDS)

    title, _, *lines = chart.splitlines()
    assert title == "**Tone**"
    assert [line.split("` ")[1] for line in lines] == ["**good**", r"so\-so", "bad"]
    assert [line[1:11] for line in lines] == ["█████████░", "█░░░░░░░░░", "░░░░░░░░░░"]
    assert [line.split()[1] for line in lines] == ["90", "10", "<1"]


def test_numbers_stand_below_each_other() -> None:
    chart = chart_of_verdict("Tone", Verdict((("a", 1.0), ("b", 0.0))), WORDS)

    assert len({line.index("` ") for line in chart.splitlines()[2:]}) == 1


def test_of_a_hundred_labels_twenty_are_shown() -> None:
    verdict = Verdict(tuple((str(number), 0.01) for number in range(100)))

    assert chart_of_verdict("Many", verdict, WORDS).splitlines()[-1] == WORDS.more_labels.format(count=80)


def test_texts_are_counted_by_label() -> None:
    lines = chart_of_labels(Counter({"good": 3, "bad": 1}), WORDS).splitlines()

    assert [line.split("` ")[1] for line in lines] == [r"good\: 3", r"bad\: 1"]


@pytest.mark.parametrize(
    ("left_s", "told"),
    [(None, ""), (1, ", about 5 s left"), (43, ", about 45 s left"), (95, ", about 2 min left")],
)
def test_progress_tells_how_long_it_will_take(left_s: float | None, told: str) -> None:
    assert progress("Tone", 5, 10, left_s, WORDS) == f"**Tone**\n`{bar(0.5)}` 5 of 10{told}"


def test_no_text_of_others_is_taken_for_markdown() -> None:
    assert escaped("*a*\n[b](c)") == r"\*a\* \[b\]\(c\)"
