import csv
import io

from bot.classifying.outcome import file_of
from bot.classifying.pile import Pile, Tally
from bot.errors import ContentFiltered, Rejected
from bot.types import ConversationKey, ModelChoice, Person, Place, Sample, Scheme, Verdict

SCHEME = Scheme(ModelChoice("yandexgpt-lite"), "Tell the tone", ("good", "bad"))
ANNA = Person(1, "Anna", "en")
GOOD, BAD = Verdict((("good", 0.9), ("bad", 0.1))), Verdict((("good", 0.2), ("bad", 0.8)))


def a_tally(*texts: str, scheme: Scheme = SCHEME, file_name: str = "", delimiter: str = ",") -> Tally:
    pile = Pile(
        "1",
        texts,
        "tone",
        ANNA,
        Place(ConversationKey(42, 1)),
        file_name=file_name,
        delimiter=delimiter,
        is_list=True,
    )
    return Tally(pile, "tone", "Tone", scheme, {})


def rows_of(tally: Tally) -> list[list[str]]:
    sheet = io.StringIO(tally.as_table().removeprefix("\ufeff"), newline="")
    return list(csv.reader(sheet, delimiter=tally.pile.delimiter))


def test_the_same_text_twice_is_asked_about_once_and_counts_twice() -> None:
    tally = a_tally("a", "b", "a")

    assert [*tally.left()] == ["a", "b"]
    tally.take("a", GOOD)

    assert (tally.done, tally.total, [*tally.left()]) == (2, 3, ["b"])


def test_the_table_has_a_column_for_each_label_and_a_row_for_each_text_that_is_done() -> None:
    tally = a_tally("a", "b", "c", "a")
    tally.take("a", GOOD)
    tally.take("b", BAD)

    assert rows_of(tally) == [
        ["text", "label", "confidence", "good", "bad"],
        ["a", "good", "0.9000", "0.9000", "0.1000"],
        ["b", "bad", "0.8000", "0.2000", "0.8000"],
        ["a", "good", "0.9000", "0.9000", "0.1000"],
    ]


def test_a_tuned_model_brings_the_columns_with_its_verdicts() -> None:
    tally = a_tally("a", "b", scheme=Scheme(ModelChoice("yandexgpt-lite/latest@x")))
    tally.take("a", Verdict((("x", 0.3), ("y", 0.7))))
    tally.take("b", Verdict((("y", 0.6), ("z", 0.5))))

    assert rows_of(tally) == [
        ["text", "label", "confidence", "x", "y", "z"],
        ["a", "y", "0.7000", "0.3000", "0.7000", ""],
        ["b", "y", "0.6000", "", "0.6000", "0.5000"],
    ]


def test_a_text_that_was_refused_has_no_label() -> None:
    tally = a_tally("a", "b")
    tally.take("a", GOOD)

    assert tally.survives("b", ContentFiltered("ethics"))

    assert rows_of(tally)[2] == ["b", "", "", "", ""]
    assert (tally.done, tally.refused) == (2, 1)


def test_texts_that_are_all_refused_from_the_first_are_not_to_blame() -> None:
    tally = a_tally("a", "b", "c", "d")

    survived = [tally.survives(text, Rejected("labels")) for text in "abc"]

    assert survived == [True, True, False]


def test_a_single_text_that_is_refused_is_the_end() -> None:
    assert not a_tally("a").survives("a", Rejected("odd"))


def test_a_text_is_another_one_under_another_scheme() -> None:
    names = {
        a_tally("a", scheme=scheme).names["a"]
        for scheme in (
            SCHEME,
            Scheme(ModelChoice("yandexgpt"), SCHEME.task, SCHEME.labels),
            Scheme(SCHEME.model, "Tell the topic", SCHEME.labels),
            Scheme(SCHEME.model, SCHEME.task, ("bad", "good")),
            Scheme(SCHEME.model, SCHEME.task, SCHEME.labels, (Sample("x", "good"),)),
        )
    }

    assert len(names) == 5


def test_the_file_is_called_after_where_the_texts_come_from() -> None:
    names = []
    for file_name in ("letters.csv", "", "отзывы за май.txt", f"{'x' * 200}.txt"):
        tally = a_tally("a", file_name=file_name)
        tally.take("a", GOOD)
        file = file_of(tally)
        assert file
        names.append(file.name)

    assert names == ["letters-tone.csv", "tone.csv", "отзывы за май-tone.csv", f"{'x' * 60}-tone.csv"]


def test_without_a_verdict_there_is_no_file() -> None:
    assert file_of(a_tally("a")) is None


def test_texts_that_begin_or_end_oddly_come_back_as_they_were() -> None:
    odd = ["=1+1", '"', "a\nb", ";,\t|", "0123"]
    tally = a_tally(*odd, delimiter=";")
    for text in odd:
        tally.take(text, GOOD)

    assert [row[0] for row in rows_of(tally)[1:]] == odd
