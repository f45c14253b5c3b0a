import pytest

from bot.presses import Act, Press, tag_of
from bot.texts import ENGLISH
from bot.types import ConversationKey, Exchange, Person, Place
from bot.updates.buttons import obstacle
from bot.updates.introductions import Visit

ANNA, BORIS = Person(1, "Anna", "en"), Person(2, "Boris", "en")
HERE = Place(ConversationKey(42, -5), is_group=True)
NEWEST = Exchange("newest", "assistant", "why?", 9, ANNA, (10,), "because")


def press(turn_id: str = "newest", asker: Person = ANNA) -> Press:
    return Press(Act.AGAIN, asker.user_id, tag_of(turn_id))


@pytest.mark.parametrize("visit", [Visit(ANNA, HERE), Visit(BORIS, HERE, is_owner=True)])
def test_the_asker_and_the_owners_press_as_they_like(visit: Visit) -> None:
    assert obstacle(press(), NEWEST, visit) == ""


@pytest.mark.parametrize("exchange", [NEWEST, None])
def test_an_older_answer_has_had_its_chance(exchange: Exchange | None) -> None:
    assert obstacle(press("older"), exchange, Visit(ANNA, HERE)) == ENGLISH.only_newest


@pytest.mark.parametrize("pressed", [press(), press("older"), press(asker=BORIS)])
def test_nobody_else_may_press_whatever_the_button_says(pressed: Press) -> None:
    assert obstacle(pressed, NEWEST, Visit(BORIS, HERE)) == ENGLISH.not_yours
