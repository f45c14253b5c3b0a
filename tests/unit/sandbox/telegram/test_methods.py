import pytest
from aiogram import Bot
from aiogram.types import (
    BotCommand,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChatMember,
)

from bot.sandbox.telegram.world import Account, BotAccount, Chat, TelegramWorld
from tests.unit.sandbox.telegram.api import FORUM, GROUP, PERSON, TOKEN, TOPIC, Api


async def test_the_bot_learns_who_it_is(bot: Bot) -> None:
    me = await bot.get_me()

    assert (me.id, me.username, me.can_read_all_group_messages) == (42, "govorun_bot", False)


async def test_commands_are_kept_by_scope_and_language(world: TelegramWorld, bot: Bot) -> None:
    start = [BotCommand(command="start", description="Begin")]
    new = [BotCommand(command="/new", description="Заново")]

    await bot.set_my_commands(start)
    await bot.set_my_commands(new, scope=BotCommandScopeAllPrivateChats(), language_code="ru")
    await bot.set_my_commands(start, scope=BotCommandScopeChatMember(chat_id=GROUP, user_id=PERSON))

    assert set(world.commands) == {
        ("default", ""),
        ("all_private_chats", "ru"),
        (f"chat_member:{GROUP}:{PERSON}", ""),
    }
    found = await bot.get_my_commands(scope=BotCommandScopeAllPrivateChats(), language_code="ru")
    assert [(command.command, command.description) for command in found] == [("new", "Заново")]
    assert await bot.get_my_commands(language_code="ru") == []
    await bot.delete_my_commands()
    assert await bot.get_my_commands() == []


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({}, "expected an Array of BotCommand"),
        ({"commands": [{"command": "x", "description": "x"}] * 101}, "BOT_COMMANDS_TOO_MUCH"),
        (
            {"commands": [{"command": "x"}]},
            "can't parse BotCommand: expected an Object with command and description",
        ),
        ({"commands": [{"command": "New", "description": "x"}]}, "BOT_COMMAND_INVALID"),
        ({"commands": [{"command": "new", "description": ""}]}, "BOT_COMMAND_DESCRIPTION_INVALID"),
        (
            {"commands": [], "scope": {"type": "moon"}},
            "can't parse BotCommandScope: Unsupported type specified",
        ),
        ({"commands": [], "scope": [1]}, "can't parse BotCommandScope: Unsupported type specified"),
        ({"commands": [], "scope": {"type": "chat"}}, "can't parse BotCommandScope: chat_id must not be empty"),
    ],
)
async def test_bad_commands_are_refused(api: Api, params: dict[str, object], reason: str) -> None:
    assert await api.refusal("setMyCommands", **params) == f"Bad Request: {reason}"


async def test_descriptions_are_kept_by_language(bot: Bot, api: Api) -> None:
    await bot.set_my_name("Govorun")
    await bot.set_my_description("Talks")
    await bot.set_my_description("Говорит", language_code="ru")
    await bot.set_my_short_description("Bird")

    assert (await bot.get_my_name()).name == "Govorun"
    assert (await bot.get_my_description("ru")).description == "Говорит"
    assert (await bot.get_my_description("en")).description == "Talks"
    assert (await bot.get_my_short_description()).short_description == "Bird"
    assert (
        await api.refusal("setMyShortDescription", short_description="x" * 121)
        == "Bad Request: short description is too long"
    )


async def test_chats_are_described(bot: Bot) -> None:
    group, person = await bot.get_chat(GROUP), await bot.get_chat(PERSON)

    assert (group.type, group.title) == ("group", "Kitchen")
    assert person.first_name == "Vera"
    assert await bot.get_chat_member_count(GROUP) == 2


async def test_members_are_described(world: TelegramWorld, bot: Bot, api: Api) -> None:
    world.chats[GROUP].admins |= {PERSON}

    assert (await bot.get_chat_member(GROUP, PERSON)).status == "administrator"
    assert (await bot.get_chat_member(GROUP, PERSON + 1)).status == "left"
    assert (await bot.get_chat_member(GROUP, 42)).status == "member"
    assert [member.user.id for member in await bot.get_chat_administrators(GROUP)] == [PERSON]
    refusal = await api.refusal("getChatMember", chat_id=GROUP, user_id=5)
    assert refusal == "Bad Request: invalid user_id specified"
    refusal = await api.refusal("getChatAdministrators", chat_id=PERSON)
    assert refusal == "Bad Request: there are no administrators in the private chat"
    world.set_bot_status(GROUP, PERSON, "kicked")
    assert (await bot.get_chat_member(GROUP, 42)).status == "kicked"


async def test_the_bot_leaves_groups_only(bot: Bot, api: Api) -> None:
    assert await bot.leave_chat(GROUP)

    assert await api.refusal("sendMessage", chat_id=GROUP, text="a") == (
        "Forbidden: bot is not a member of the group chat"
    )
    assert await api.refusal("leaveChat", chat_id=PERSON) == (
        "Bad Request: chat member status can't be changed in private chats"
    )


async def test_an_administrator_opens_topics(world: TelegramWorld, bot: Bot, api: Api) -> None:
    refusal = await api.refusal("createForumTopic", chat_id=FORUM, name="Go")
    assert refusal == "Bad Request: not enough rights to create a topic"
    world.chats[FORUM].admins.add(42)

    topic = await bot.create_forum_topic(FORUM, "Go")
    sent = await bot.send_message(FORUM, "hi", message_thread_id=topic.message_thread_id)

    assert topic.message_thread_id > TOPIC
    assert sent.is_topic_message
    assert sent.reply_to_message is not None
    assert sent.reply_to_message.forum_topic_created is not None


@pytest.mark.parametrize(
    ("chat_id", "name", "reason"),
    [
        (FORUM, "", "TOPIC_TITLE_EMPTY"),
        (FORUM, "x" * 129, "TOPIC_TITLE_INVALID"),
        (GROUP, "a", "the chat is not a forum"),
        (PERSON, "a", "the chat is not a forum"),
    ],
)
async def test_a_bad_topic_is_refused(api: Api, chat_id: int, name: str, reason: str) -> None:
    assert await api.refusal("createForumTopic", chat_id=chat_id, name=name) == f"Bad Request: {reason}"


async def test_private_chats_have_topics_if_the_bot_has_them() -> None:
    world = TelegramWorld(token=TOKEN, bot=BotAccount(42, "govorun_bot", "Govorun", has_topics=True))
    world.add_person(Account(PERSON, "Vera"))
    world.add_chat(Chat(PERSON, "private"))
    assert world.bot.as_me()["has_topics_enabled"]

    from bot.sandbox.telegram.params import Params  # noqa: PLC0415 - only here the wire is left out

    answer = await world.call("createForumTopic", Params({"chat_id": PERSON, "name": "Work"}))

    assert world.chats[PERSON].topics == {answer.envelope["result"]["message_thread_id"]: "Work"}
