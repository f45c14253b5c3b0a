"""Who plays."""

from bot.sandbox.page.cast import default_cast
from tests.tools.page_stage import ANNA, BEN, Stage


def test_the_cast_has_two_languages_and_a_forum() -> None:
    cast = default_cast()

    assert {person.language_code for person in cast.people} == {"ru", "en"}
    assert [chat.type for chat in cast.chats] == ["private", "private", "supergroup"]
    assert cast.groups[0].is_forum
    assert cast.groups[0].topics


def test_two_plays_share_nothing() -> None:
    default_cast().groups[0].members.add(99)

    assert default_cast().groups[0].members == {ANNA, BEN}


def test_a_newcomer_gets_a_chat_and_a_seat_in_the_group() -> None:
    stage = Stage()

    newcomer = stage.cast.add_person(stage.world, "Eve", "en")

    assert stage.world.messages(newcomer.user_id) == []
    assert newcomer.user_id in stage.cast.groups[0].members
    assert "Eve" in [chat.title for chat in stage.cast.chats]


def test_the_first_person_of_an_empty_cast_has_a_number_too() -> None:
    stage = Stage()
    stage.cast.people.clear()

    assert stage.cast.add_person(stage.world, "Eve", "en").user_id == ANNA
