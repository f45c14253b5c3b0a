"""Photos as people send them, under a prompt that sees: from Telegram's file to what the model reads."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path

import pytest

from bot.ports import ModelBackend
from bot.presses import Act
from bot.sandbox.telegram.params import Upload
from bot.sandbox.telegram.world import Fault
from bot.texts import ENGLISH
from bot.types import Line, Role
from tests.tools.house import ANNA, BORIS, GROUP, House, open_house
from tests.tools.models import ScriptedModel
from tests.tools.photos import picture, sides
from tests.tools.pressing import press

CAT, DOG, COW = (picture(40, 30, colour=colour) for colour in ("teal", "red", "navy"))


@pytest.fixture
async def house(redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    """A running bot with a prompt that sees and a mole; it does not wait for long for albums."""

    @asynccontextmanager
    async def open_model(_: object) -> AsyncIterator[ModelBackend]:
        yield ScriptedModel(["I see", "I see it."])

    monkeypatch.setattr(import_module("bot.app.serve"), "open_model", open_model)
    (tmp_path / "assistant.yaml").write_text("system: Look.\nmodel: qwen3.6-35b-a3b\n", "utf-8")
    (tmp_path / "mole.yaml").write_text("system: Dig.\n", "utf-8")
    async with open_house(redis_url, prompts=tmp_path, conversations={"cut_wait_s": 0.3}) as one:
        yield one
        one.judge()


async def lines(house: House, number: int = 1) -> list[Line]:
    """Wait for so many turns; return what people have said as the model read it at last."""
    await house.until(lambda: len(house.notebook.traces) == number)
    trace = house.notebook.traces[-1]
    assert trace.outcome == "complete"
    return [line for line in trace.ask.lines() if line.role is Role.USER]


def shown(line: Line) -> list[bytes]:
    return [one.data for one in line.pictures]


async def test_a_small_photo_reaches_the_model_byte_for_byte(house: House) -> None:
    house.world.send_photo(ANNA, ANNA, CAT, caption="what is it?")

    (line,) = await lines(house)

    assert (line.text, shown(line)) == ("what is it?", [CAT])
    assert house.world.text_of_last_bot_message(ANNA) == "I see it."


async def test_of_a_large_photo_the_size_is_taken_that_is_large_enough(house: House) -> None:
    house.world.send_photo(ANNA, ANNA, picture(3000, 1500), caption="what is it?")

    (line,) = await lines(house)

    assert [sides(data) for data in shown(line)] == [(1280, 640)]


async def test_a_picture_that_was_sent_as_a_file_is_scaled_down(house: House) -> None:
    house.world.send_document(ANNA, ANNA, Upload("page.png", "image/png", picture(3000, 1500, kind="PNG")))

    (line,) = await lines(house)

    assert (line.text, [sides(data) for data in shown(line)]) == (ENGLISH.photos_alone, [(1536, 768)])
    assert line.pictures[0].mime_type == "image/jpeg"


async def test_an_album_is_one_question(house: House) -> None:
    house.world.send_album(ANNA, ANNA, [CAT, DOG, COW], caption="which one?")

    (line,) = await lines(house)

    assert (line.text, shown(line)) == ("which one?", [CAT, DOG, COW])


async def test_a_reply_to_a_photo_is_about_it(house: House) -> None:
    photo = house.world.send_photo(GROUP, BORIS, CAT, caption="look")

    house.world.say(GROUP, ANNA, "@govorun_bot what is it?", reply_to=photo["message_id"])

    (line,) = await lines(house)
    assert (line.text, shown(line)) == ("Anna: > look\n\nwhat is it?", [CAT])


async def test_a_command_in_a_caption_asks_about_the_photo(house: House) -> None:
    house.world.send_photo(GROUP, ANNA, CAT, caption="/ask what is it?")

    (line,) = await lines(house)

    assert (line.text, shown(line)) == ("Anna: what is it?", [CAT])


async def test_a_question_that_follows_sees_the_photo_again_and_fetches_it_once(house: House) -> None:
    house.world.send_photo(ANNA, ANNA, CAT)
    await lines(house)

    house.world.say(ANNA, ANNA, "and its colour?")

    before, now = await lines(house, 2)
    assert (shown(before), now) == ([CAT], Line(Role.USER, "and its colour?"))
    assert len(house.world.calls_of("getFile")) == 1


async def test_a_changed_caption_is_answered_in_place_about_the_same_photos(house: House) -> None:
    photos = house.world.send_album(ANNA, ANNA, [CAT, DOG], caption="whi?")
    await lines(house)

    house.world.edit(ANNA, photos[0]["message_id"], "why?")

    (line,) = await lines(house, 2)
    assert (line.text, shown(line)) == ("why?", [CAT, DOG])
    assert len(house.world.bot_messages(ANNA)) == 1


async def test_a_photo_that_cannot_be_had_is_told_and_may_be_asked_about_again(house: House) -> None:
    house.world.faults.add(Fault.server_error(), "getFile")
    house.world.send_photo(ANNA, ANNA, CAT)

    await house.until(lambda: house.notebook.traces)

    assert house.world.text_of_last_bot_message(ANNA) == f"⚠️ {ENGLISH.failures.photo_lost}"
    press(house, Act.AGAIN)
    assert [shown(line) for line in await lines(house, 2)] == [[CAT]]


async def test_whoever_is_shown_a_photo_answers_at_once_and_from_then_on(house: House) -> None:
    await house.hears("/prompts mole")
    house.world.send_album(ANNA, ANNA, [CAT, DOG], caption="which one?")
    await house.until(lambda: house.notebook.traces)
    message = house.world.bot_messages(ANNA)[-1]
    (button,), *_ = message["reply_markup"]["inline_keyboard"]

    house.world.press(ANNA, ANNA, message["message_id"], button["callback_data"])

    (line,) = await lines(house, 2)
    assert (line.text, shown(line)) == ("which one?", [CAT, DOG])
    assert house.world.text_of_last_bot_message(ANNA) == "I see it."
    assert house.world.bot_messages(ANNA)[-1]["message_id"] == message["message_id"]
    await house.asks("and now?")
    assert house.notebook.traces[-1].dialogue.prompt == "assistant"
