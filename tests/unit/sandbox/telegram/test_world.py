import asyncio

import pytest
from aiogram import Bot
from aiogram.types import (
    BufferedInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputRichMessage,
    Update,
)

from bot.sandbox.telegram.world import Call, Chat, TelegramWorld
from tests.tools.botapi import assert_call_matches_schema, object_problems
from tests.tools.clock import FakeClock
from tests.unit.sandbox.telegram.api import FORUM, GROUP, PERSON, SUPERGROUP, TOPIC

KEYBOARD = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="Stop", callback_data="stop")]])

RICH = (
    "# A *head*\n\n| left | right |\n|:--|--:|\n| `1` | **2** |\n\n- [x] $x$\n\n> @govorun_bot\n\n```py\nx\n```"
)


async def everything_happens(world: TelegramWorld, bot: Bot) -> None:
    """Let every kind of update come to be."""
    world.add_chat(Chat(PERSON, "private", topics={30: "Work"}))
    asked = world.say(PERSON, PERSON, "/ask https://ya.ru/x #tag $USD a@b.ru @govorun_bot")
    world.edit(PERSON, asked["message_id"], "again")
    sent = await bot.send_message(PERSON, "answer", reply_markup=KEYBOARD)
    world.press(PERSON, PERSON, sent.message_id, "stop")
    world.say(PERSON, PERSON, "reply", reply_to=sent.message_id, topic_id=30)
    world.say(FORUM, PERSON, "/move", topic_id=TOPIC)
    root = world.say(SUPERGROUP, PERSON, "/root")
    world.say(SUPERGROUP, PERSON, "/leaf", reply_to=root["message_id"])
    rich = await bot.send_rich_message(PERSON, InputRichMessage(markdown=RICH), reply_markup=KEYBOARD)
    world.say(PERSON, PERSON, "and this?", reply_to=rich.message_id, quote="left")
    world.press(PERSON, PERSON, rich.message_id, "stop")
    await bot.send_message_draft(PERSON, 5, text="a", can_stop=True)
    await bot.send_rich_message_draft(PERSON, 5, InputRichMessage(html="<b>a</b>"), can_stop=True)
    world.stop_draft(PERSON)
    world.close_topic(FORUM, TOPIC)
    world.upgrade_to_supergroup(GROUP, -1001000000777)
    world.set_bot_status(SUPERGROUP, PERSON, "left")
    world.block(PERSON)


async def test_every_update_is_one_that_telegram_could_send(world: TelegramWorld, bot: Bot) -> None:
    await everything_happens(world, bot)
    messages = [message for chat_id in world.chats for message in world.messages(chat_id)]

    updates = world.state.updates.oldest(100)

    kinds = {next(key for key in update if key != "update_id") for update in updates}
    assert kinds == {
        "message", "edited_message", "callback_query", "stopped_message_generation", "my_chat_member",
    }  # fmt: skip
    for update in updates:
        assert Update.model_validate(update).event_type in kinds
        assert list(object_problems(update, "Update")) == []
    for message in messages:
        assert list(object_problems(message, "Message")) == []


async def test_every_call_is_kept_as_the_schema_types_it(world: TelegramWorld, bot: Bot) -> None:
    await everything_happens(world, bot)
    await bot.get_updates(timeout=0, allowed_updates=["message"])

    for call in world.calls:
        assert_call_matches_schema(call.method, call.params)
    assert world.calls[0] == Call(
        world.calls[0].at,
        "sendMessage",
        {"chat_id": PERSON, "text": "answer", "reply_markup": KEYBOARD.model_dump(exclude_none=True)},
        ok=True,
    )


async def test_watchers_see_what_happens_in_order(world: TelegramWorld, bot: Bot) -> None:
    watch = world.watch()
    sent = await bot.send_message(PERSON, "a", reply_markup=KEYBOARD)
    await bot.edit_message_text("b", chat_id=PERSON, message_id=sent.message_id, reply_markup=KEYBOARD)
    query_id = world.press(PERSON, PERSON, sent.message_id, "stop")
    await bot.answer_callback_query(query_id)
    await bot.send_message_draft(PERSON, 5, text="c")
    await bot.send_message(PERSON, "c")
    await bot.delete_message(PERSON, sent.message_id)
    await bot.set_my_commands([])

    kinds = [(await anext(watch)).kind for _ in range(8)]

    assert kinds == [
        "message", "edited", "callback_answered", "draft", "draft_gone", "message", "deleted", "commands",
    ]  # fmt: skip


async def test_a_slow_watcher_loses_the_oldest_events(world: TelegramWorld) -> None:
    watch = world.watch()

    for number in range(1005):
        world.say(PERSON, PERSON, str(number))

    assert (await anext(watch)).payload["text"] == "5"


async def test_who_stops_watching_is_forgotten(world: TelegramWorld) -> None:
    closed, cancelled = world.watch(), world.subscribe()
    task = asyncio.ensure_future(anext(cancelled))
    await asyncio.sleep(0)

    closed.close()
    closed.close()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert world.state.events._watches == set()


async def test_files_are_kept_by_their_ids(world: TelegramWorld, bot: Bot) -> None:
    sent = await bot.send_document(PERSON, BufferedInputFile(b"# Answer", "answer.md"), caption="All of it")

    assert sent.document is not None
    assert world.file(sent.document.file_id).content == b"# Answer"
    assert (sent.document.file_name, sent.document.file_size) == ("answer.md", 8)


def test_an_empty_chat_has_no_last_message(world: TelegramWorld) -> None:
    assert world.text_of_last_bot_message(PERSON) == ""


def test_a_private_chat_opens_when_its_person_writes(world: TelegramWorld) -> None:
    world.say(PERSON + 1, PERSON + 1, "hi")

    assert world.people[PERSON + 1].last_name == "Lisov"
    assert [message["text"] for message in world.messages(PERSON + 1)] == ["hi"]


def test_time_is_the_worlds_own(world: TelegramWorld, clock: FakeClock) -> None:
    clock.advance(100.7)

    assert world.say(PERSON, PERSON, "hi")["date"] == int(clock.now)
