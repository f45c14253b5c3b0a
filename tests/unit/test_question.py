from dataclasses import replace

import pytest

from bot.question import Question
from bot.types import ConversationKey, Ending, Exchange, Part, Person, Piece, Place

ANNA = Person(1, "Anna", "en")
PRIVATE = Place(ConversationKey(42, 1))
GROUP = Place(ConversationKey(42, -5), is_group=True)


def ids_of(question: Question) -> list[int]:
    return [part.message_id for part in question.said]


@pytest.mark.parametrize(
    ("question", "spoken"),
    [
        (Question("1", "why?", ANNA, PRIVATE), "why?"),
        (Question("1", "why?", ANNA, GROUP), "Anna: why?"),
        (Question("1", "why?", ANNA, PRIVATE, quote="a\nb"), "> a\n> b\n\nwhy?"),
        (Question("1", "", ANNA, GROUP, quote="a"), "Anna: > a"),
        (Question("1", "Go on.", ANNA, GROUP, is_continuation=True), "Go on."),
    ],
)
def test_a_question_is_spoken_with_what_belongs_to_it(question: Question, spoken: str) -> None:
    assert question.spoken == spoken


@pytest.mark.parametrize(
    ("question", "spoken"),
    [
        (Question("1", "", ANNA, PRIVATE, photos=("a",)), "Look."),
        (Question("1", "", ANNA, GROUP, photos=("a",)), "Anna: Look."),
        (Question("1", "why?", ANNA, PRIVATE, photos=("a",)), "why?"),
        (Question("1", "", ANNA, PRIVATE, quote="a", photos=("a",)), "> a"),
        (Question("1", "", ANNA, PRIVATE), ""),
    ],
    ids=["alone", "in a group", "with a caption", "with a quote", "nothing at all"],
)
def test_pictures_without_a_word_are_asked_about_in_words_of_the_bot(question: Question, spoken: str) -> None:
    assert replace(question, wordless="Look.").spoken == spoken


def test_the_pictures_of_all_messages_belong_to_the_question() -> None:
    parts = [Part(1, "one", photos=("a", "b")), Part(2, "two"), Part(3, "", photos=("c",))]

    question = Question("1", "", ANNA, PRIVATE, message_id=3).made_of(parts)

    assert (question.text, question.photos) == ("one\n\ntwo", ("a", "b", "c"))


def test_a_question_asked_again_is_the_same_but_for_its_reply() -> None:
    exchange = Exchange("1", "cook", "why?", 9, ANNA, (10, 11), "because", quote="tea", remembered_id="0")

    again = Question.again(exchange, PRIVATE, reply_id="2", chat_title="Friends")

    assert (again.id, again.text, again.person, again.message_id) == ("2", "why?", ANNA, 9)
    assert (again.prompt, again.quote, again.chat_title) == ("cook", "tea", "Friends")
    assert (again.in_place, again.replaced_id) == ((10, 11), "0")
    assert again.earlier_answer == Piece("because", Ending.COMPLETE)


def test_a_question_asked_again_may_have_changed() -> None:
    exchange = Exchange("1", "cook", "why?", 9, ANNA, (10, 11), "because", quote="tea")

    again = Question.again(exchange, PRIVATE, reply_id="2", changed=Part(9, "who?", "tea"))

    assert (again.text, again.quote, again.parts, ids_of(again)) == ("who?", "tea", (), [9])


def test_several_messages_are_spoken_in_order_each_below_what_it_quotes() -> None:
    parts = [Part(1, "", "old news"), Part(2, "really?"), Part(3, ""), Part(4, "and this?", "a\nb")]

    question = Question("1", "", ANNA, GROUP, message_id=4).made_of(parts)

    assert question.text == "really?\n\nand this?"
    assert question.spoken == "Anna: > old news\n\nreally?\n\n> a\n> b\n\nand this?"
    assert ids_of(question) == [1, 2, 3, 4]


def test_the_parts_of_a_cut_text_are_one_text() -> None:
    parts = [Part(1, "one two thr"), Part(2, "ee four", gap=""), Part(3, "five", gap=" "), Part(4, "why?")]

    assert Question("1", "", ANNA, PRIVATE).made_of(parts).spoken == "one two three four five\n\nwhy?"


def test_one_of_several_messages_changes_and_the_others_stay() -> None:
    parts = (Part(1, "one"), Part(2, "two", "q"), Part(3, "three"))
    exchange = Exchange("1", "cook", "one\n\ntwo\n\nthree", 3, ANNA, (10,), "because", parts=parts)

    again = Question.again(exchange, PRIVATE, reply_id="2", changed=Part(2, "TWO", "q"))

    assert again.spoken == "one\n\n> q\n\nTWO\n\nthree"
    assert Question.again(exchange, PRIVATE, reply_id="2").spoken == "one\n\n> q\n\ntwo\n\nthree"


def test_a_pressed_button_has_no_messages() -> None:
    exchange = Exchange("1", "cook", "go on", None, ANNA, (10,), "because")

    assert (exchange.said, Question("1", "go on", ANNA, PRIVATE).said) == ((), ())


def test_a_new_question_replaces_nothing() -> None:
    question = Question("1", "why?", ANNA, PRIVATE)

    assert (question.in_place, question.replaced_id, question.earlier_answer) == ((), "", None)
