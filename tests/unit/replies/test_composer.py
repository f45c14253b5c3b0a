"""What holds for every text that becomes messages, at every moment of its growth."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.replies.composer import EntityComposer
from bot.replies.contents import Composer
from bot.replies.entities import MOST_ENTITIES, Kind, Rendered, is_visible, units
from bot.replies.markup import render
from bot.replies.rich import RichComposer
from tests.tools.markdown_samples import DOCUMENTS, HARD, generated, words
from tests.tools.telegram_judge import assert_accepted

pytestmark = pytest.mark.exhaustive

COMPOSERS = pytest.mark.parametrize("kind", [EntityComposer, RichComposer])
LAYOUT = frozenset("-+|")
"""Signs of tables as they are drawn; they move when a column grows."""


def _texts(text: str, most_units: int | None = None, mark: str = "") -> list[str]:
    return [part.text for part in EntityComposer().compose(text, most_units=most_units, mark=mark)]


def _bare(text: str) -> str:
    return "".join(text.split())


@COMPOSERS
@settings(max_examples=150, deadline=None)
@given(st.data())
def test_composing_step_by_step_gives_what_composing_at_once_gives(
    kind: type[EntityComposer | RichComposer], data: st.DataObject
) -> None:
    composer = kind()
    document = data.draw(DOCUMENTS)
    other = data.draw(st.sampled_from(["", document.replace("о", "a"), "> " + document, document.upper()]))
    most_units = data.draw(st.sampled_from([None, 80, 200]))
    cuts = data.draw(st.lists(st.integers(0, len(document)), max_size=10))

    for text in [*(document[:cut] for cut in cuts), other, document]:
        for is_final in (False, True):
            step = composer.compose(text, is_final=is_final, most_units=most_units)
            assert list(step) == list(kind().compose(text, is_final=is_final, most_units=most_units))


@COMPOSERS
@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_text_that_shrinks_or_changes_is_composed_as_if_it_were_new(
    kind: type[EntityComposer | RichComposer], data: st.DataObject
) -> None:
    composer = kind()
    document = data.draw(st.sampled_from(["-" * 900, "| a" * 300, "```" + "x`" * 400, *HARD.values()]))[:2500]

    for end in data.draw(st.lists(st.integers(0, len(document)), max_size=8)):
        text = document[:end] + data.draw(st.sampled_from(["", "\n", " `", "\n|-|\n"]))
        for is_final in (False, True):
            step = composer.compose(text, is_final=is_final)
            assert list(step) == list(kind().compose(text, is_final=is_final))


@COMPOSERS
@pytest.mark.parametrize("name", HARD)
def test_long_documents_grow_as_they_are_composed_at_once(
    kind: type[EntityComposer | RichComposer], name: str
) -> None:
    composer: Composer = kind()
    document = HARD[name]

    for end in range(0, len(document), 997):
        step = composer.compose(document[:end], is_final=False)
        assert list(step) == list(kind().compose(document[:end], is_final=False))

    assert list(composer.compose(document)) == list(kind().compose(document))


@COMPOSERS
def test_parts_that_did_not_change_are_the_same_objects(kind: type[EntityComposer | RichComposer]) -> None:
    composer: Composer = kind()
    document = HARD["mixed, 10,020 characters"]

    before = composer.compose(document[:9000], is_final=False, most_units=2000)
    after = composer.compose(document, most_units=2000)

    assert len(before) > 3
    assert all(one is other for one, other in zip(before[:-1], after, strict=False))


SHARES = 8


@pytest.mark.timeout(300)
@pytest.mark.parametrize("share", range(SHARES))
def test_telegram_takes_a_hundred_thousand_frames_as_they_are(share: int) -> None:
    judged = sum(_judged(HARD[name], step) for name, step in [*_STEPS.items()][share::SHARES])
    seed = share

    while judged < 100_000 / SHARES:
        judged += _judged(generated(seed), 1)
        seed += SHARES

    assert judged >= 100_000 / SHARES


_STEPS = dict.fromkeys(HARD, 3) | {"mixed, 10,020 characters": 1, "mixed, 30,000 characters": 10}
"""Every so many characters of a document are a frame."""


def _judged(document: str, step: int) -> int:
    """Let a document grow and ask Telegram about each part that is new; return the number of frames."""
    composer = EntityComposer()
    shown: list[Rendered] = []
    ends = [*range(1, len(document), step), len(document)]
    for end in ends:
        parts = composer.compose(document[:end], is_final=end == len(document))
        for number, part in enumerate(parts):
            if part not in shown[number : number + 1]:
                assert_accepted(part)
        shown = list(parts)
    return len(ends)


@settings(max_examples=200, deadline=None)
@given(DOCUMENTS, st.integers(0, 400), st.sampled_from([64, 300, 4096]))
def test_telegram_takes_every_part_of_every_document(document: str, cut: int, most_units: int) -> None:
    for text, is_final in ((document[:cut], False), (document, True)):
        for part in EntityComposer().compose(text, is_final=is_final, most_units=most_units):
            assert units(part.text) <= most_units
            assert_accepted(part)


@pytest.mark.parametrize("name", HARD)
@pytest.mark.parametrize("most_units", [300, 1000, 4096])
def test_every_word_of_a_document_is_shown_once_and_in_order(name: str, most_units: int) -> None:
    document = HARD[name]

    parts = _texts(document, most_units)

    assert words(" ".join(parts)) == words(document)


@settings(max_examples=150, deadline=None)
@given(DOCUMENTS.filter(lambda document: "|" not in document), st.integers(40, 400))
def test_but_for_blanks_and_repeated_heads_the_parts_join_to_the_whole(document: str, most_units: int) -> None:
    parts = _texts(document, most_units)

    assert _bare("".join(parts)) == _bare(render(document).text)


def _vanished(before: str, after: str) -> bool:
    """Whether something visible in a frame is not in the next one."""
    rest = iter(after)
    return not all(char in rest for char in before if not char.isspace() and char not in LAYOUT)


def _flickers(document: str) -> int:
    """Count the frames, one for each character, in which something visible vanishes again."""
    composer = EntityComposer()
    texts = (
        "".join(part.text for part in composer.compose(document[:end], is_final=False))
        for end in range(len(document) + 1)
    )
    before, count = "", 0
    for text in texts:
        count += _vanished(before, text)
        before = text
    return count


@pytest.mark.parametrize("name", [name for name, document in HARD.items() if len(document) <= 6000])
def test_what_a_frame_shows_does_not_vanish_again(name: str) -> None:
    assert _flickers(HARD[name][:2000]) == 0


def test_even_of_nonsense_hardly_anything_vanishes_again() -> None:
    documents = [generated(seed) for seed in range(80)]

    flickers = sum(map(_flickers, documents))

    assert flickers <= sum(map(len, documents)) / 250


@COMPOSERS
@pytest.mark.parametrize("text", ["", "  \n", "\u200b", "#", "```\n```"])
def test_nothing_to_see_is_no_part(kind: type[EntityComposer | RichComposer], text: str) -> None:
    assert list(kind().compose(text)) == []


@COMPOSERS
def test_the_mark_stands_below_the_text_apart_by_a_blank_line(
    kind: type[EntityComposer | RichComposer],
) -> None:
    (part,) = kind().compose("Ответ **полу", mark="⏹ Stopped")

    assert part.text.endswith("\n\n⏹ Stopped")
    assert "**полу" not in part.text.replace("**полу**", "")


@COMPOSERS
def test_the_mark_may_stand_alone(kind: type[EntityComposer | RichComposer]) -> None:
    assert [part.text for part in kind().compose("", mark="⏹ Stopped")] == ["⏹ Stopped"]


def test_the_signs_of_a_mark_are_no_markup() -> None:
    assert _texts("a", mark="*1* [x](http://a.b)") == ["a\n\n*1* [x](http://a.b)"]


def test_a_mark_that_does_not_fit_is_a_part_of_its_own() -> None:
    assert _texts("слово " * 12, 80, mark="⏹ Остановлено") == [("слово " * 12).strip(), "⏹ Остановлено"]


def test_a_smaller_room_begins_anew() -> None:
    composer = EntityComposer()
    text = "слово " * 100
    composer.compose(text)

    parts = composer.compose(text, most_units=100)

    assert list(parts) == list(EntityComposer().compose(text, most_units=100))


TABLE = "| Имя | Число |\n|---|---|\n" + "| строка | 100 |\n" * 40


def test_a_table_that_fits_a_message_is_not_torn() -> None:
    parts = _texts("слово " * 600 + "\n\n" + TABLE)

    assert [part.count("строка") for part in parts] == [0, 40]


def test_a_heading_goes_with_its_table() -> None:
    parts = _texts("слово " * 600 + "\n\n## Глава\n\n" + TABLE)

    assert [part.startswith("Глава") for part in parts] == [False, True]


def test_a_long_table_is_cut_between_rows_and_its_head_shown_once() -> None:
    rows = [f"| строка | {number} |" for number in range(1000)]

    parts = _texts("| Имя | Число |\n|---|---|\n" + "\n".join(rows))

    head, _, *lines = [line for part in parts for line in part.split("\n")]
    assert len(parts) > 3
    assert head == "Имя    | Число"
    assert [line.split() for line in lines] == [["строка", "|", str(number)] for number in range(1000)]


def test_a_heading_does_not_stay_alone_at_the_end() -> None:
    text = "слово " * 15 + "\n\n# Глава\n\n" + "другое " * 10

    parts = _texts(text, 120)

    assert [part.split()[0] for part in parts] == ["слово", "Глава"]


def test_a_heading_alone_above_a_table_that_fills_a_message_gives_way() -> None:
    parts = _texts("# Глава\n\n" + "| a | b |\n|---|---|\n" + "| строка | 100 |\n" * 21, 300)

    assert [part.count("строка") for part in parts] == [0, 21]


def test_code_is_cut_before_a_statement_and_reopened_with_its_language() -> None:
    code = "\n\n".join(f"def f{number}():\n    one\n    two" for number in range(20))

    parts = EntityComposer().compose(f"```py\n{code}\n```", most_units=200)

    assert all(part.text.startswith("def") for part in parts)
    assert "\n\n".join(part.text for part in parts) == code
    assert {(one.type, one.language) for part in parts for one in part.entities} == {(Kind.PRE, "py")}


def test_a_crowd_of_looks_is_cut_earlier_and_keeps_them_all() -> None:
    source = " ".join(f"**жирное_{number}** и `код_{number}`" for number in range(150))

    parts = EntityComposer().compose(source)

    assert all(len(part.entities) <= MOST_ENTITIES for part in parts)
    assert sum(len(part.entities) for part in parts) == 300


@pytest.mark.parametrize("gap", [" ", "\n", ".\n\n"])
def test_one_look_too_many_moves_nothing_that_was_shown(gap: str) -> None:
    composer = EntityComposer()
    paragraphs = (f"слово{one} и **жирно{one}**, " * 7 + f"конец{one}" for one in range(40))
    document = gap.join(paragraphs)
    before: list[str] = []

    for end in range(0, len(document), 3):
        parts = [part.text for part in composer.compose(document[:end], is_final=False)]
        assert all(new.startswith(old) for old, new in zip(before, parts, strict=False))
        before = parts

    assert len(before) == 3


@pytest.mark.parametrize("unit", ["👩‍👩‍👧‍👦", "🇷🇺", "1️⃣", "👍🏽", "é"])
def test_no_sign_is_torn(unit: str) -> None:
    parts = _texts(unit * 60, 64)

    assert "".join(parts) == unit * 60
    assert all(len(part) % len(unit) == 0 for part in parts)


def test_every_part_has_something_to_see() -> None:
    parts = _texts("слово\n\n" + "\u00a0\u200b" * 400 + "\n\nслово", 100)

    assert all(map(is_visible, parts))


def test_code_that_begins_with_blanks_begins_its_message_without() -> None:
    parts = _texts("```\n" + "    слово\n" * 20 + "```", 64)

    assert all(part.startswith("слово\n    слово") for part in parts)
