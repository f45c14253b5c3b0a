"""Pictures under a prompt that cannot see: one sentence, a way out, and nothing paid."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.sandbox.telegram.params import Upload
from bot.texts import ENGLISH, RUSSIAN
from tests.tools.house import ANNA, BORIS, GROUP, House, open_house
from tests.tools.photos import picture

VOICE = {"voice": {"file_id": "1", "file_unique_id": "1", "duration": 3}}
CAT = picture(40, 30)


@pytest.fixture
async def house(redis_url: str) -> AsyncIterator[House]:
    """A running bot whose prompt, the assistant, cannot see, and which does not wait for long for albums."""
    async with open_house(redis_url, conversations={"cut_wait_s": 0.3}) as one:
        yield one
        one.judge()


async def offered(house: House, chat_id: int = ANNA, number: int = 1) -> dict[str, Any]:
    """Wait until the bot has said so often that it cannot see, and return the last of these messages."""
    await house.until(lambda: len(house.notebook.traces) == number)
    return house.world.bot_messages(chat_id)[-1]


def labels(message: dict[str, Any]) -> list[str]:
    return [button["text"] for row in message["reply_markup"]["inline_keyboard"] for button in row]


async def test_a_photo_is_answered_by_a_choice_of_those_who_see(house: House) -> None:
    house.world.send_photo(ANNA, ANNA, CAT, caption="what is it?")

    message = await offered(house)

    assert message["text"] == f"⚠️ {ENGLISH.failures.blind}"
    assert labels(message) == ["👁 Show it to: Observer", "🔄 Again"]
    assert house.bodies() == []


async def test_in_a_group_the_choice_is_a_reply_to_the_photo(house: House) -> None:
    photo = house.world.send_photo(GROUP, BORIS, CAT, caption="@govorun_bot что это?")

    message = await offered(house, GROUP)

    assert message["text"] == f"⚠️ {RUSSIAN.failures.blind}"
    assert message["reply_to_message"]["message_id"] == photo["message_id"]


async def test_an_album_is_one_question(house: House) -> None:
    house.world.send_album(ANNA, ANNA, [CAT, picture(30, 40), picture(50, 50)], caption="which one?")

    await offered(house)

    await house.asks("never mind")
    assert len(house.world.bot_messages(ANNA)) == 2


async def test_a_question_that_refers_to_an_older_photo_is_about_it(house: House) -> None:
    photo = house.world.send_photo(ANNA, ANNA, CAT)
    await offered(house)

    house.world.say(ANNA, ANNA, "what is it?", reply_to=photo["message_id"])

    assert labels(await offered(house, number=2))[0] == "👁 Show it to: Observer"
    assert house.bodies() == []


async def test_a_changed_caption_is_answered_in_the_same_message(house: House) -> None:
    photo = house.world.send_photo(ANNA, ANNA, CAT, caption="whi?")
    await offered(house)

    house.world.edit(ANNA, photo["message_id"], "why?")

    assert labels(await offered(house, number=2))[0] == "👁 Show it to: Observer"
    assert len(house.world.bot_messages(ANNA)) == 1


async def test_the_dialogue_goes_on_as_if_nothing_had_been_shown(house: House) -> None:
    await house.asks("one")
    house.world.send_photo(ANNA, ANNA, CAT)
    await offered(house, number=2)

    trace = await house.asks("two")

    assert [turn.question for turn in trace.ask.history] == ["one"]


@pytest.mark.parametrize(
    "upload",
    [Upload("notes.pdf", "application/pdf", b"%PDF"), Upload("cat.heic", "image/heic", b"....ftypheic")],
    ids=["a document", "a picture of a kind that is not read"],
)
async def test_a_file_that_is_no_picture_gets_a_sentence(house: House, upload: Upload) -> None:
    house.world.send_document(ANNA, ANNA, upload, caption="what is it?")

    await house.until(lambda: house.world.text_of_last_bot_message(ANNA) == ENGLISH.unreadable)


async def test_and_so_does_a_voice(house: House) -> None:
    house.world.send(ANNA, ANNA, {**VOICE, "caption": "what is it?"})

    await house.until(lambda: house.world.text_of_last_bot_message(ANNA) == ENGLISH.unreadable)
