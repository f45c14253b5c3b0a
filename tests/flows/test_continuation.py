"""Continue: the model goes on with an answer that was cut by its limit."""

from bot.presses import Act, Press, tag_of
from bot.sandbox.models.faults import Truncate
from bot.texts import ENGLISH, RUSSIAN
from tests.tools.house import ANNA, BORIS, GROUP, House
from tests.tools.pressing import data_of, press, presses, told


async def test_a_truncated_answer_goes_on_in_a_new_message(house: House) -> None:
    house.models.fail_next(Truncate(30))
    first = await house.asks("200 words")

    await presses(house, Act.CONTINUE)

    rest = house.notebook.traces[-1]
    assert rest.ask.question == ENGLISH.go_on
    assert [(turn.question, turn.answer) for turn in rest.ask.history] == [("200 words", first.answer.strip())]
    above, below = house.world.bot_messages(ANNA)
    assert above["text"].startswith(first.answer.strip())
    assert below["text"] == rest.answer.strip()


async def test_a_continuation_can_be_given_again(house: House) -> None:
    house.models.fail_next(Truncate(30))
    await house.asks("200 words")
    await presses(house, Act.CONTINUE)

    await presses(house, Act.AGAIN)

    again = house.notebook.traces[-1].ask
    assert (again.question, len(again.history)) == (ENGLISH.go_on, 1)
    assert len(house.world.bot_messages(ANNA)) == 2


async def test_a_whole_answer_has_nothing_to_go_on_with(house: House) -> None:
    await house.asks("hello")
    message = house.world.bot_messages(ANNA)[-1]
    assert data_of(message, Act.CONTINUE) == ""

    tag = int(data_of(message, Act.AGAIN).rpartition(":")[2], 16)
    forged = Press(Act.CONTINUE, ANNA, tag).data
    query = house.world.press(ANNA, ANNA, message["message_id"], forged, is_forged=True)

    assert await told(house, query) == ENGLISH.button_expired
    assert len(house.models.requests) == 1


async def test_in_a_group_the_rest_comes_for_the_asker_and_owners_only(house: House) -> None:
    house.models.fail_next(Truncate(30))
    await house.asks("/ask 200 words", GROUP, ANNA)
    message = house.world.bot_messages(GROUP)[-1]

    assert await told(house, press(house, Act.CONTINUE, GROUP, BORIS)) == RUSSIAN.not_yours
    await presses(house, Act.CONTINUE, GROUP, ANNA)

    rest = house.world.bot_messages(GROUP)[-1]
    assert rest["reply_to_message"]["message_id"] == message["message_id"]
    assert house.notebook.traces[-1].ask.question == ENGLISH.go_on


async def test_an_older_truncated_answer_is_not_gone_on_with(house: House) -> None:
    house.models.fail_next(Truncate(30))
    await house.asks("200 words")
    message = house.world.bot_messages(ANNA)[-1]
    await house.asks("hello")

    assert await told(house, press(house, Act.CONTINUE, message=message)) == ENGLISH.only_newest


async def test_a_made_up_button_is_answered_politely(house: House) -> None:
    await house.asks("hello")
    message_id = house.world.bot_messages(ANNA)[-1]["message_id"]

    forged = Press(Act.CONTINUE, ANNA, tag_of("made up")).data
    query = house.world.press(ANNA, ANNA, message_id, forged, is_forged=True)

    assert await told(house, query) == ENGLISH.only_newest
