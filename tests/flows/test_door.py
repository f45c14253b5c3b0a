from collections.abc import AsyncIterator

import pytest

from bot.texts import ENGLISH
from tests.tools.house import ANNA, BORIS, GROUP, OWNER, House, open_house
from tests.tools.photos import picture


@pytest.fixture
async def closed(redis_url: str) -> AsyncIterator[House]:
    async with open_house(redis_url, access={"policy": "list"}) as house:
        yield house
        house.judge()


async def test_a_stranger_costs_nothing_and_is_let_in_by_the_owner(closed: House) -> None:
    assert str(ANNA) in await closed.hears("hello")
    await closed.until(lambda: closed.world.bot_messages(OWNER))
    knock = closed.world.bot_messages(OWNER)[-1]
    assert "Anna" in knock["text"]
    assert closed.models.requests == []

    closed.world.press(OWNER, OWNER, knock["message_id"], f"admit:{ANNA}:en")
    await closed.until(lambda: closed.world.text_of_last_bot_message(ANNA) == ENGLISH.welcome_in)
    await closed.asks("hello")

    assert len(closed.models.requests) == 1
    assert "reply_markup" not in closed.world.bot_messages(OWNER)[-1]


async def test_a_command_below_a_photo_opens_no_door(closed: House) -> None:
    closed.world.send_photo(GROUP, ANNA, picture(9, 9), caption="/ask what is it?")

    await closed.until(lambda: str(ANNA) in closed.world.text_of_last_bot_message(GROUP))

    assert closed.notebook.traces == []


async def test_a_refused_stranger_stays_outside(closed: House) -> None:
    await closed.hears("hello")
    await closed.until(lambda: closed.world.bot_messages(OWNER))
    knock = closed.world.bot_messages(OWNER)[-1]

    closed.world.press(OWNER, OWNER, knock["message_id"], f"refuse:{ANNA}:en")
    await closed.until(lambda: "Отказано" in closed.world.text_of_last_bot_message(OWNER))
    closed.world.say(ANNA, ANNA, "please")
    await closed.asks("hello", OWNER)

    assert len(closed.models.requests) == 1


async def test_only_owners_decide(closed: House) -> None:
    await closed.hears("hello")
    await closed.until(lambda: closed.world.bot_messages(OWNER))
    closed.world.press(OWNER, OWNER, closed.world.bot_messages(OWNER)[-1]["message_id"], f"admit:{ANNA}:en")
    await closed.until(lambda: closed.world.text_of_last_bot_message(ANNA) == ENGLISH.welcome_in)

    message_id = closed.world.bot_messages(ANNA)[-1]["message_id"]
    query = closed.world.press(ANNA, ANNA, message_id, f"admit:{BORIS}:ru", is_forged=True)
    await closed.until(lambda: closed.world.callback_answer(query))

    assert (closed.world.callback_answer(query) or {})["text"] == ENGLISH.owners_only


async def test_a_whole_group_is_let_in(closed: House) -> None:
    closed.world.say(GROUP, BORIS, "among ourselves")
    closed.world.say(GROUP, ANNA, "/ask hello")
    await closed.until(lambda: closed.world.bot_messages(OWNER))

    knock = closed.world.bot_messages(OWNER)[-1]
    closed.world.press(OWNER, OWNER, knock["message_id"], f"admit-chat:{GROUP}:en")
    await closed.until(lambda: closed.world.text_of_last_bot_message(GROUP) == ENGLISH.welcome_in)
    await closed.asks("/ask hello", GROUP, BORIS)

    assert len(closed.models.requests) == 1
