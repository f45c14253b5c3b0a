import re

import pytest

from bot.sandbox.models.answers import Heard, answer_to, wished_fault
from bot.sandbox.models.faults import Cut, Fault, Filter, Hang, LateError, Refuse, Truncate


@pytest.mark.parametrize(
    ("question", "confession"),
    [
        ("Who are you?", "I am a stand-in, not a model"),
        ("Кто ты?", "Я дублёр, а не модель"),
        ("2+2", "stand-in"),
    ],
)
def test_the_stand_in_says_what_it_is_in_the_language_of_the_question(question: str, confession: str) -> None:
    assert confession in answer_to(Heard(question))


def test_it_tells_what_reached_it() -> None:
    heard = Heard("First\nSecond", "Be `kind`.\nAlways.", 3, "yandexgpt/latest", 0.25, 500)

    answer = answer_to(heard)

    assert "> First\n> Second" in answer
    for fact in ("`Be 'kind'.`", "turns:** 3", "`yandexgpt/latest`", "0.25", "500"):
        assert fact in answer
    assert "Always" not in answer


def test_it_tells_what_did_not_reach_it() -> None:
    answer = answer_to(Heard("Hello"))

    assert "**system prompt:** none" in answer
    assert answer.count("the service's default") == 2


def test_what_is_long_is_quoted_in_part() -> None:
    answer = answer_to(Heard("question " * 100, "system " * 100))

    assert answer.count("…") == 2
    assert len(answer) < 1500


def test_braces_in_a_question_are_only_braces() -> None:
    assert "> {turns} {0}" in answer_to(Heard("{turns} {0}"))


@pytest.mark.parametrize("question", ["a long answer, please", "Дай длинный ответ"])
def test_a_long_answer_is_about_ten_thousand_characters_of_numbered_paragraphs(question: str) -> None:
    answer = answer_to(Heard(question))

    numbers = [int(number) for number in re.findall(r"^\*\*(\d+)\.\*\*", answer, re.MULTILINE)]
    assert 10_000 <= len(answer) < 11_000
    assert numbers == list(range(1, len(numbers) + 1))
    assert answer.splitlines()[-1].count(str(numbers[-1])) == 1


@pytest.mark.parametrize(
    ("question", "words"),
    [("200 words", 200), ("дай 200 слов", 200), ("1 word", 1), ("0 words", 0), ("9999 words", 5000)],
)
def test_words_are_counted_out(question: str, words: int) -> None:
    answer = answer_to(Heard(question))

    assert len(answer.split()) == words
    assert answer.endswith(".") or not words


@pytest.mark.parametrize(
    ("question", "length"),
    [("10020 characters, please", 10_020), ("документ на 30000 знаков", 30_000), ("99999 символов", 40_000)],
)
def test_a_document_of_an_exact_length_can_be_asked_for(question: str, length: int) -> None:
    answer = answer_to(Heard(question))

    assert len(answer) == length
    for mark in ("\n## ", "```python\n", "|:--|", "$$\n", "\n> ", "- [x] ", "   - ", "](https://"):
        assert mark in answer


ASKED = "2000 characters"
WHOLE = answer_to(Heard(ASKED))


@pytest.mark.parametrize("wish", ["continue", "Please go on.", "Продолжай", "/continue"])
def test_an_answer_that_was_cut_goes_on_where_it_ended(wish: str) -> None:
    begun = ((ASKED, WHOLE[:700].rstrip()),)

    assert answer_to(Heard(wish, turns=begun)) == WHOLE[len(WHOLE[:700].rstrip()) :].lstrip()


def test_it_may_go_on_several_times() -> None:
    cut = ((ASKED, WHOLE[:200]), ("continue", WHOLE[200:300]), ("go on", WHOLE[300:600]))

    assert answer_to(Heard("continue", turns=cut)) == WHOLE[600:].lstrip()


def test_a_block_of_code_that_was_cut_is_opened_again() -> None:
    inside = WHOLE.index("words = text.split()")
    second = WHOLE.index("return words")
    wish = "Ben: Go on with your last answer from exactly where it broke off."
    rest = answer_to(Heard(wish, turns=((ASKED, WHOLE[:inside]),)))
    cut = f"```python\n{WHOLE[inside:second]}"

    assert rest == f"```python\n{WHOLE[inside:]}"
    assert (
        answer_to(Heard(wish, turns=((ASKED, WHOLE[:inside]), (wish, cut)))) == f"```python\n{WHOLE[second:]}"
    )


@pytest.mark.parametrize("turns", [((ASKED, WHOLE),), ((ASKED, "Something else."),), (("continue", "What?"),)])
def test_what_is_told_to_its_end_does_not_go_on(turns: tuple[tuple[str, str], ...]) -> None:
    assert answer_to(Heard("continue", turns=turns)) == "A stand-in has nothing to add: that was all."


def test_going_on_is_a_question_like_others_in_the_beginning() -> None:
    assert "> continue" in answer_to(Heard("continue"))


@pytest.mark.parametrize(
    ("question", "mark"),
    [
        ("some code", "```python"),
        ("покажи код", "```python"),
        ("a table", "|:--|"),
        ("нарисуй таблицу", "|:--|"),
        ("make a list", "   - *"),
        ("нужен список", "   - *"),
        ("What can you do?", "show me an error: quota"),
        ("Что ты умеешь?", "покажи ошибку: квота"),
        ("show me an error: nonsense", "show me an error: quota"),
    ],
)
def test_answers_of_a_kind_can_be_asked_for(question: str, mark: str) -> None:
    assert mark in answer_to(Heard(question))


@pytest.mark.parametrize("question", ["What does the criminal codex list?", "кодекс чести"])
def test_words_inside_other_words_ask_for_nothing(question: str) -> None:
    assert "```" not in answer_to(Heard(question))


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (("quota", "квота"), Refuse),
        (("busy", "занято"), Refuse),
        (("key", "ключ"), Refuse),
        (("access", "доступ"), Refuse),
        (("model", "модель"), Refuse),
        (("long", "длина"), Refuse),
        (("filter", "фильтр"), Filter),
        (("truncated", "обрезка"), Truncate),
        (("cut", "обрыв"), Cut),
        (("late", "поздно"), LateError),
        (("silence", "тишина"), Hang),
    ],
)
def test_every_error_that_help_names_can_be_seen(words: tuple[str, str], fault: type[Fault]) -> None:
    english, russian = words

    assert isinstance(wished_fault(f"show me an error: {english}"), fault)
    assert wished_fault(f"покажи ошибку: «{russian}»") == wished_fault(f"Error: {english.upper()}")
    assert f"`{english}`" in answer_to(Heard("what can you do"))
    assert f"`{russian}`" in answer_to(Heard("что ты умеешь"))


@pytest.mark.parametrize("question", ["what is an error in Python?", "error: unknown", "Привет"])
def test_a_question_about_errors_is_only_a_question(question: str) -> None:
    assert wished_fault(question) is None


def test_an_error_in_the_middle_comes_in_a_long_answer() -> None:
    assert len(answer_to(Heard("show me an error: cut"))) > 10_000
