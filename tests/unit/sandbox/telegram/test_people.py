from collections.abc import Callable
from typing import Any

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramForbiddenError, TelegramMigrateToChat

from bot.sandbox.telegram.world import Account, BotAccount, Chat, ImpossibleError, TelegramWorld
from tests.tools.botapi import object_problems
from tests.tools.clock import FakeClock
from tests.unit.sandbox.telegram.api import FORUM, GROUP, PERSON, SUPERGROUP, TOKEN, TOPIC, Api


def heard(world: TelegramWorld) -> list[dict[str, Any]]:
    return world.state.updates.oldest(100)


def texts(world: TelegramWorld) -> list[str]:
    return [update["message"]["text"] for update in heard(world)]


def test_a_person_speaks_as_telegram_shows_them(world: TelegramWorld) -> None:
    message = world.say(PERSON, PERSON, "/start@govorun_bot now")

    assert message["from"] == {
        "id": PERSON,
        "is_bot": False,
        "first_name": "Vera",
        "username": "vera",
        "language_code": "ru",
    }
    assert message["chat"] == {"id": PERSON, "first_name": "Vera", "username": "vera", "type": "private"}
    assert message["entities"] == [{"offset": 0, "length": 18, "type": "bot_command"}]
    assert heard(world)[-1]["message"] == message


@pytest.mark.parametrize(
    ("text", "is_heard"),
    [
        ("hello all", False),
        ("/start", True),
        ("/start@govorun_bot", True),
        ("/START@GOVORUN_BOT", True),
        ("/start@other_bot", False),
        ("hi @Govorun_Bot 😀", True),
        ("😀 @govorun_bot", True),
        ("hi @other_bot", False),
        ("govorun_bot", False),
    ],
)
def test_privacy_lets_the_bot_hear_only_what_is_meant_for_it(
    world: TelegramWorld, text: str, *, is_heard: bool
) -> None:
    world.say(GROUP, PERSON, text)

    assert texts(world) == [text] * is_heard


async def test_a_reply_to_the_bot_is_heard(world: TelegramWorld, bot: Bot) -> None:
    sent = await bot.send_message(GROUP, "yes?")
    other = world.say(GROUP, PERSON, "nothing")

    world.say(GROUP, PERSON, "to myself", reply_to=other["message_id"])
    world.say(GROUP, PERSON, "to you", reply_to=sent.message_id)

    assert texts(world) == ["to you"]
    assert heard(world)[0]["message"]["reply_to_message"]["text"] == "yes?"


def test_an_administrator_and_a_bot_without_privacy_hear_everything(world: TelegramWorld) -> None:
    world.chats[GROUP].admins.add(42)
    world.say(GROUP, PERSON, "one")
    open_world = TelegramWorld(token=TOKEN, bot=BotAccount(42, "govorun_bot", "Govorun", privacy=False))
    open_world.add_person(Account(PERSON, "Vera"))
    open_world.add_chat(Chat(GROUP, "group", "Kitchen"))
    open_world.say(GROUP, PERSON, "two")

    assert texts(world) == ["one"]
    assert texts(open_world) == ["two"]


def test_whoever_speaks_is_a_member(world: TelegramWorld) -> None:
    world.say(GROUP, PERSON + 1, "hi")

    assert world.chats[GROUP].members == {PERSON, PERSON + 1}


def test_a_caption_is_listened_to_as_well(world: TelegramWorld) -> None:
    mention = {"offset": 0, "length": 12, "type": "mention"}
    picture = {"photo": [], "caption": "@govorun_bot", "caption_entities": [mention]}

    world.send(GROUP, PERSON, picture)
    world.send(GROUP, PERSON, {"photo": []})
    world.send(PERSON, PERSON, {"voice": {}})

    assert [list(update["message"])[-1] for update in heard(world)] == ["caption_entities", "voice"]


def test_a_topic_is_where_it_is_said(world: TelegramWorld) -> None:
    message = world.say(FORUM, PERSON, "/e4", topic_id=TOPIC)
    general = world.say(FORUM, PERSON, "/hi")

    assert (message["message_thread_id"], message["is_topic_message"]) == (TOPIC, True)
    assert message["reply_to_message"]["forum_topic_created"] == {"name": "Chess", "icon_color": 7322096}
    assert message["message_id"] > TOPIC
    assert "message_thread_id" not in general
    assert "reply_to_message" not in general


def test_topics_of_a_private_chat_have_no_beginning_to_reply_to(world: TelegramWorld) -> None:
    world.add_chat(Chat(PERSON, "private", topics={30: "Work"}))

    message = world.say(PERSON, PERSON, "hi", topic_id=30)

    assert (message["message_thread_id"], message["is_topic_message"]) == (30, True)
    assert "reply_to_message" not in message
    assert message["message_id"] == 31


def test_an_edit_is_heard_like_the_message(world: TelegramWorld, clock: FakeClock) -> None:
    private, group = world.say(PERSON, PERSON, "helo"), world.say(GROUP, PERSON, "helo")
    clock.advance(9)

    edited = world.edit(PERSON, private["message_id"], "hello /now")
    world.edit(GROUP, group["message_id"], "hello")

    assert (edited["text"], edited["edit_date"]) == ("hello /now", private["date"] + 9)
    assert edited["entities"][0]["type"] == "bot_command"
    assert heard(world)[-1] == {"update_id": heard(world)[0]["update_id"] + 1, "edited_message": edited}
    assert world.frames(PERSON, private["message_id"]) == ["helo", "hello /now"]


async def test_a_blocked_bot_is_told_and_refused(world: TelegramWorld, bot: Bot) -> None:
    world.block(PERSON)

    with pytest.raises(TelegramForbiddenError, match="bot was blocked by the user"):
        await bot.send_message(PERSON, "hi")
    world.unblock(PERSON)
    await bot.send_message(PERSON, "hi again")

    changes = [update.my_chat_member for update in await bot.get_updates()]
    assert [change.new_chat_member.status for change in changes if change] == ["kicked", "member"]


@pytest.mark.parametrize(
    ("chat_id", "status", "reason"),
    [
        (GROUP, "kicked", "Forbidden: bot was kicked from the group chat"),
        (GROUP, "left", "Forbidden: bot is not a member of the group chat"),
        (SUPERGROUP, "kicked", "Forbidden: bot was kicked from the supergroup chat"),
        (SUPERGROUP, "left", "Forbidden: bot is not a member of the supergroup chat"),
    ],
)
async def test_a_bot_that_is_no_member_hears_and_says_nothing(
    world: TelegramWorld, api: Api, chat_id: int, status: str, reason: str
) -> None:
    world.set_bot_status(chat_id, PERSON, status)
    world.say(chat_id, PERSON, "/start")

    assert await api.refusal("sendMessage", chat_id=chat_id, text="hi") == reason
    assert [list(update)[1] for update in heard(world)] == ["my_chat_member"]


async def test_a_group_becomes_a_supergroup(world: TelegramWorld, bot: Bot) -> None:
    new_id = -1001000000777
    world.upgrade_to_supergroup(GROUP, new_id)

    with pytest.raises(TelegramMigrateToChat) as refused:
        await bot.send_message(GROUP, "hi")
    assert refused.value.migrate_to_chat_id == new_id
    await bot.send_message(new_id, "hi")

    farewell, welcome = [update.message for update in await bot.get_updates()]
    assert farewell is not None
    assert welcome is not None
    assert (farewell.chat.id, farewell.migrate_to_chat_id) == (GROUP, new_id)
    assert (welcome.chat.id, welcome.migrate_from_chat_id) == (new_id, GROUP)
    assert world.chats[new_id].members == {PERSON}


def test_the_impossible_is_not_played(world: TelegramWorld) -> None:
    stranger, mine = 999, world.say(PERSON, PERSON, "mine")
    world.upgrade_to_supergroup(GROUP, -1001000000777)
    impossible: list[Callable[[], object]] = [
        lambda: world.say(PERSON, PERSON, " \n"),
        lambda: world.say(GROUP, stranger, "hi"),
        lambda: world.say(PERSON, PERSON + 1, "hi"),
        lambda: world.say(GROUP, PERSON, "anybody here?"),
        lambda: world.say(FORUM, PERSON, "hi", topic_id=99),
        lambda: world.say(PERSON, PERSON, "hi", reply_to=99),
    ]

    for act in impossible:
        with pytest.raises(ImpossibleError):
            act()
    world.block(PERSON)
    with pytest.raises(ImpossibleError):
        world.say(PERSON, PERSON, "hi")
    assert mine["text"] == "mine"


async def test_an_edited_reply_to_the_bot_is_heard_and_remains_one(world: TelegramWorld, bot: Bot) -> None:
    sent = await bot.send_message(GROUP, "yes?")
    said = world.say(GROUP, PERSON, "tea", reply_to=sent.message_id)

    edited = world.edit(GROUP, said["message_id"], "coffee")

    assert heard(world)[-1]["edited_message"] == edited
    assert edited["reply_to_message"]["text"] == "yes?"
    assert edited["message_id"] == said["message_id"]


async def test_a_reply_may_quote_a_part(world: TelegramWorld, bot: Bot) -> None:
    sent = await bot.send_message(PERSON, "😀 one, two, three")

    said = world.say(PERSON, PERSON, "why?", reply_to=sent.message_id, quote="two")

    assert said["quote"] == {"text": "two", "position": 8, "is_manual": True}
    assert list(object_problems(said, "Message")) == []
    for spot in ({"reply_to": sent.message_id}, {}):
        with pytest.raises(ImpossibleError):
            world.say(PERSON, PERSON, "why?", quote="four", **spot)


def test_an_edit_leaves_a_text_where_one_can_be_written(world: TelegramWorld) -> None:
    said = world.say(PERSON, PERSON, "one")
    voice = world.send(PERSON, PERSON, {"voice": {}})

    with pytest.raises(ImpossibleError):
        world.edit(PERSON, said["message_id"], " ")
    with pytest.raises(ImpossibleError):
        world.edit(PERSON, voice["message_id"], "two")
    world.block(PERSON)
    with pytest.raises(ImpossibleError):
        world.edit(PERSON, said["message_id"], "two")


async def test_people_edit_their_own_messages_only(world: TelegramWorld, bot: Bot) -> None:
    sent = await bot.send_message(PERSON, "mine")

    with pytest.raises(ImpossibleError):
        world.edit(PERSON, sent.message_id, "yours")


def test_a_forum_without_people_is_opened_by_the_bot(world: TelegramWorld) -> None:
    world.add_chat(Chat(-1009, "supergroup", "Empty", is_forum=True, topics={2: "A"}))

    assert world.messages(-1009)[0]["from"]["id"] == 42
