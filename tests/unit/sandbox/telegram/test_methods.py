import struct
from typing import Any

import pytest
from aiogram import Bot
from aiogram.types import (
    BotCommand,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChatMember,
    BufferedInputFile,
)

from bot.sandbox.telegram.files import photo_size
from bot.sandbox.telegram.refusals import Refusal
from bot.sandbox.telegram.world import Account, BotAccount, Chat, TelegramWorld
from tests.unit.sandbox.telegram.api import FORUM, GROUP, PERSON, TOKEN, TOPIC, Api

PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 64, 48) + b"\x08\x02\0\0\0"
JPEG = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x11\x08" + struct.pack(">HH", 48, 64) + b"\x03"


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


async def test_files_are_sent_and_fetched(bot: Bot) -> None:
    sent = await bot.send_document(PERSON, BufferedInputFile(b"hello", "a.txt"), caption=" /see ")

    assert sent.document is not None
    assert (sent.document.file_name, sent.document.file_size) == ("a.txt", 5)
    assert (sent.caption, [entity.type for entity in sent.caption_entities or ()]) == ("/see", ["bot_command"])
    again = await bot.send_document(PERSON, sent.document.file_id)
    assert again.document is not None
    assert again.document.file_unique_id == sent.document.file_unique_id
    content = await bot.download(again.document.file_id)
    assert content is not None
    assert content.read() == b"hello"


@pytest.mark.parametrize("content", [PNG, JPEG])
async def test_pictures_are_measured(bot: Bot, content: bytes) -> None:
    sent = await bot.send_photo(PERSON, BufferedInputFile(content, "a"))

    assert sent.photo is not None
    assert (sent.photo[0].width, sent.photo[0].height) == (64, 48)


@pytest.mark.parametrize(
    ("method", "params", "reason"),
    [
        ("sendPhoto", {"chat_id": PERSON}, "there is no photo in the request"),
        ("sendDocument", {"chat_id": PERSON, "document": "nothing"},
         "wrong file_id or the file is temporarily unavailable"),
        ("getFile", {}, "file_id not specified"),
    ],
)  # fmt: skip
async def test_missing_files_are_refused(api: Api, method: str, params: dict[str, Any], reason: str) -> None:
    assert await api.refusal(method, **params) == f"Bad Request: {reason}"


async def test_bad_files_are_refused(bot: Bot) -> None:
    with pytest.raises(Exception, match="file must be non-empty"):
        await bot.send_document(PERSON, BufferedInputFile(b"", "a.txt"))
    with pytest.raises(Exception, match="message caption is too long"):
        await bot.send_document(PERSON, BufferedInputFile(b"a", "a.txt"), caption="x" * 1025)
    huge = await bot.send_document(PERSON, BufferedInputFile(bytes((20 << 20) + 1), "a.bin"))
    assert huge.document is not None
    with pytest.raises(Exception, match="file is too big"):
        await bot.get_file(huge.document.file_id)


def _png(width: int, height: int) -> bytes:
    return PNG[:16] + struct.pack(">II", width, height)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"GIF89a", "IMAGE_PROCESS_FAILED"),
        (PNG[:20], "IMAGE_PROCESS_FAILED"),
        (JPEG[:14], "IMAGE_PROCESS_FAILED"),
        (_png(9_000, 1_001), "PHOTO_INVALID_DIMENSIONS"),
        (_png(21, 1), "PHOTO_INVALID_DIMENSIONS"),
        (bytes((10 << 20) + 1), "file of size 10485761 bytes is too big for a photo"),
    ],
)
def test_what_is_no_photo_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(Refusal, match=reason):
        photo_size(content)


async def test_private_chats_have_topics_if_the_bot_has_them() -> None:
    world = TelegramWorld(token=TOKEN, bot=BotAccount(42, "govorun_bot", "Govorun", has_topics=True))
    world.add_person(Account(PERSON, "Vera"))
    world.add_chat(Chat(PERSON, "private"))
    assert world.bot.as_me()["has_topics_enabled"]

    from bot.sandbox.telegram.params import Params  # noqa: PLC0415 - only here the wire is left out

    answer = await world.call("createForumTopic", Params({"chat_id": PERSON, "name": "Work"}))

    assert world.chats[PERSON].topics == {answer.envelope["result"]["message_thread_id"]: "Work"}
