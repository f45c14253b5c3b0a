import pytest

from bot.question import Question
from bot.types import ConversationKey, Exchange, Person, Place

ANNA = Person(1, "Anna", "en")
PRIVATE = Place(ConversationKey(42, 1))
GROUP = Place(ConversationKey(42, -5), is_group=True)


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


def test_a_question_asked_again_is_the_same_but_for_its_reply() -> None:
    exchange = Exchange("1", "cook", "why?", 9, ANNA, (10, 11), "because", quote="tea", remembered_id="0")

    again = Question.again(exchange, PRIVATE, reply_id="2", chat_title="Friends")

    assert (again.id, again.text, again.person, again.message_id) == ("2", "why?", ANNA, 9)
    assert (again.prompt, again.quote, again.chat_title) == ("cook", "tea", "Friends")
    assert (again.in_place, again.replaced_id, again.earlier_answer) == ((10, 11), "0", "because")
    assert Question.again(exchange, PRIVATE, reply_id="2", text="").text == ""


def test_a_new_question_replaces_nothing() -> None:
    question = Question("1", "why?", ANNA, PRIVATE)

    assert (question.in_place, question.replaced_id, question.earlier_answer) == ((), "", "")
