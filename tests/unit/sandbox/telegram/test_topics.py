import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import InputRichMessage, ReplyParameters, Update

from bot.sandbox.telegram.world import TelegramWorld
from tests.tools.botapi import object_problems
from tests.unit.sandbox.telegram.api import FORUM, PERSON, TOPIC


async def test_in_a_closed_topic_the_bot_can_do_nothing(world: TelegramWorld, bot: Bot) -> None:
    asked = world.say(FORUM, PERSON, "/e4", topic_id=TOPIC)
    sent = await bot.send_message(FORUM, "e5", message_thread_id=TOPIC)
    reply = ReplyParameters(message_id=asked["message_id"])

    world.close_topic(FORUM, TOPIC)

    rich = InputRichMessage(markdown="a")
    for call in (
        bot.send_message(FORUM, "a", message_thread_id=TOPIC),
        bot.send_message(FORUM, "a", reply_parameters=reply),
        bot.send_rich_message(FORUM, rich, message_thread_id=TOPIC),
        bot.send_chat_action(FORUM, "typing", message_thread_id=TOPIC),
        bot.edit_message_text("b", chat_id=FORUM, message_id=sent.message_id),
    ):
        with pytest.raises(TelegramBadRequest, match="TOPIC_CLOSED"):
            await call
    await bot.send_message(FORUM, "elsewhere")


async def test_a_topic_is_open_to_administrators_and_again_to_all(world: TelegramWorld, bot: Bot) -> None:
    world.close_topic(FORUM, TOPIC)

    world.chats[FORUM].admins.add(bot.id)
    await bot.send_message(FORUM, "as an administrator", message_thread_id=TOPIC)
    world.chats[FORUM].admins.clear()
    world.reopen_topic(FORUM, TOPIC)
    await bot.send_message(FORUM, "as anybody", message_thread_id=TOPIC)


def test_the_bot_hears_of_it_as_telegram_tells(world: TelegramWorld) -> None:
    world.close_topic(FORUM, TOPIC)
    world.reopen_topic(FORUM, TOPIC)

    updates = world.state.updates.oldest(10)

    assert [update["message"]["message_thread_id"] for update in updates] == [TOPIC, TOPIC]
    for update in updates:
        assert Update.model_validate(update).message is not None
        assert list(object_problems(update, "Update")) == []


def test_a_bot_that_was_thrown_out_hears_nothing(world: TelegramWorld) -> None:
    world.set_bot_status(FORUM, PERSON, "kicked")

    world.close_topic(FORUM, TOPIC)

    assert [list(update)[1] for update in world.state.updates.oldest(10)] == ["my_chat_member"]


def test_only_topics_can_be_closed(world: TelegramWorld) -> None:
    with pytest.raises(KeyError):
        world.close_topic(FORUM, 99)
