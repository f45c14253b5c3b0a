from typing import Any

import pytest
from aiogram import Bot

from bot.sandbox.telegram.world import Chat, TelegramWorld
from tests.tools.clock import FakeClock
from tests.unit.sandbox.telegram.api import GROUP, PERSON, Api

NOT_MODIFIED = (
    "Bad Request: message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
KEYBOARD = {"inline_keyboard": [[{"text": "Stop", "callback_data": "stop"}]]}


@pytest.fixture
async def sent(api: Api) -> dict[str, Any]:
    message: dict[str, Any] = await api.result("sendMessage", chat_id=PERSON, text="one", reply_markup=KEYBOARD)
    return message


async def test_an_edit_replaces_text_and_takes_the_keyboard(
    world: TelegramWorld, bot: Bot, clock: FakeClock, sent: dict[str, Any]
) -> None:
    clock.advance(5)

    edited = await bot.edit_message_text("two", chat_id=PERSON, message_id=sent["message_id"])

    assert not isinstance(edited, bool)
    assert (edited.text, edited.reply_markup) == ("two", None)
    assert edited.edit_date == sent["date"] + 5
    assert world.frames(PERSON, sent["message_id"]) == ["one", "two"]


async def test_the_same_again_is_refused(api: Api, sent: dict[str, Any]) -> None:
    target = {"chat_id": PERSON, "message_id": sent["message_id"]}

    assert await api.refusal("editMessageText", **target, text=" one ", reply_markup=KEYBOARD) == NOT_MODIFIED
    assert await api.refusal("editMessageReplyMarkup", **target, reply_markup=KEYBOARD) == NOT_MODIFIED
    bold = [{"type": "bold", "offset": 0, "length": 3}]
    assert (await api("editMessageText", **target, text="one", entities=bold, reply_markup=KEYBOARD))["ok"]
    assert (await api("editMessageText", **target, text="one", entities=bold))["ok"]


async def test_a_keyboard_is_changed_alone(world: TelegramWorld, api: Api, sent: dict[str, Any]) -> None:
    edited = await api.result("editMessageReplyMarkup", chat_id=PERSON, message_id=sent["message_id"])

    assert edited["text"] == "one"
    assert "reply_markup" not in edited
    assert world.frames(PERSON, sent["message_id"]) == ["one"]


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({"text": ""}, "message text is empty"),
        ({"text": "\n"}, "text must be non-empty"),
        ({"text": "x" * 4097}, "MESSAGE_TOO_LONG"),
        ({"text": "x", "message_id": 99}, "message to edit not found"),
        ({"text": "x", "message_id": 0}, "message to edit not found"),
        ({"text": "x", "message_id": "", "chat_id": ""}, "message identifier is not specified"),
        ({"text": "x", "reply_markup": {"force_reply": True}}, "inline keyboard expected"),
        (
            {"text": "a😀", "entities": [{"type": "bold", "offset": 2, "length": 1}]},
            "entity begins in a middle of a UTF-16 symbol at byte offset 5",
        ),
    ],
)
async def test_a_bad_edit_is_refused(
    api: Api, sent: dict[str, Any], params: dict[str, object], reason: str
) -> None:
    target = {"chat_id": PERSON, "message_id": sent["message_id"]}

    assert await api.refusal("editMessageText", **{**target, **params}) == f"Bad Request: {reason}"


async def test_somebody_elses_message_cannot_be_edited(world: TelegramWorld, api: Api) -> None:
    asked = world.say(PERSON, PERSON, "mine")

    refusal = await api.refusal("editMessageText", chat_id=PERSON, message_id=asked["message_id"], text="yours")

    assert refusal == "Bad Request: message can't be edited"


async def test_a_deleted_message_cannot_be_edited(world: TelegramWorld, api: Api, sent: dict[str, Any]) -> None:
    world.delete_message(PERSON, sent["message_id"])
    world.delete_message(PERSON, sent["message_id"])

    refusal = await api.refusal("editMessageText", chat_id=PERSON, message_id=sent["message_id"], text="two")

    assert refusal == "Bad Request: message to edit not found"
    assert world.frames(PERSON, sent["message_id"]) == ["one"]


async def test_a_message_without_text_has_none_to_edit(world: TelegramWorld, api: Api) -> None:
    world.add_chat(Chat(-1007, "supergroup", "Own", is_forum=True, admins={42}))
    created = await api.result("createForumTopic", chat_id=-1007, name="News")

    refusal = await api.refusal(
        "editMessageText", chat_id=-1007, message_id=created["message_thread_id"], text="x"
    )

    assert refusal == "Bad Request: there is no text in the message to edit"


async def test_own_messages_are_deleted(world: TelegramWorld, api: Api, sent: dict[str, Any]) -> None:
    assert await api.result("deleteMessage", chat_id=PERSON, message_id=sent["message_id"])

    assert world.messages(PERSON) == []


async def test_what_people_write_is_deleted_only_in_private_or_by_an_administrator(
    world: TelegramWorld, api: Api
) -> None:
    private, group = world.say(PERSON, PERSON, "a"), world.say(GROUP, PERSON, "b")

    assert await api.result("deleteMessage", chat_id=PERSON, message_id=private["message_id"])
    target = {"chat_id": GROUP, "message_id": group["message_id"]}
    assert await api.refusal("deleteMessage", **target) == "Bad Request: message can't be deleted"
    world.chats[GROUP].admins.add(42)
    assert await api.result("deleteMessage", **target)


async def test_old_messages_cannot_be_deleted(api: Api, clock: FakeClock, sent: dict[str, Any]) -> None:
    clock.advance(48 * 3600 + 1)

    refusal = await api.refusal("deleteMessage", chat_id=PERSON, message_id=sent["message_id"])

    assert refusal == "Bad Request: message can't be deleted"


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({"message_id": 1}, "chat identifier is not specified"),
        ({"chat_id": PERSON}, "message identifier is not specified"),
        ({"chat_id": PERSON, "message_id": 99}, "message to delete not found"),
    ],
)
async def test_a_bad_deletion_is_refused(api: Api, params: dict[str, object], reason: str) -> None:
    assert await api.refusal("deleteMessage", **params) == f"Bad Request: {reason}"


async def test_many_are_deleted_at_once_and_missing_ones_passed_over(
    world: TelegramWorld, api: Api, sent: dict[str, Any]
) -> None:
    assert await api.result("deleteMessages", chat_id=PERSON, message_ids=[sent["message_id"], 99])

    assert world.messages(PERSON) == []


@pytest.mark.parametrize(
    ("ids", "reason"),
    [
        ([], "message identifiers are not specified"),
        (5, "message identifiers are not specified"),
        (list(range(101)), "too many message identifiers specified"),
    ],
)
async def test_a_bad_list_of_messages_is_refused(api: Api, ids: object, reason: str) -> None:
    assert await api.refusal("deleteMessages", chat_id=PERSON, message_ids=ids) == f"Bad Request: {reason}"
