import pytest
from aiogram import Bot
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup, MessageEntity, ReplyParameters

from bot.sandbox.telegram.world import TelegramWorld
from tests.unit.sandbox.telegram.api import FORUM, GROUP, PERSON, SUPERGROUP, TOPIC, Api


async def test_a_message_comes_back_as_telegram_would_send_it(world: TelegramWorld, bot: Bot) -> None:
    keyboard = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="Stop", callback_data="stop")]])

    sent = await bot.send_message(
        PERSON, " hi 😀 ", entities=[MessageEntity(type="bold", offset=4, length=2)], reply_markup=keyboard
    )

    assert sent.text == "hi 😀"
    assert [(one.type, one.offset, one.length) for one in sent.entities or ()] == [("bold", 3, 2)]
    assert sent.reply_markup is not None
    assert sent.reply_markup.inline_keyboard[0][0].callback_data == "stop"
    assert sent.from_user is not None
    assert sent.from_user.username == "govorun_bot"
    assert sent.chat.type == "private"
    assert world.text_of_last_bot_message(PERSON) == "hi 😀"


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({"chat_id": PERSON}, "Bad Request: message text is empty"),
        ({"chat_id": PERSON, "text": ""}, "Bad Request: message text is empty"),
        ({"chat_id": PERSON, "text": " \n "}, "Bad Request: text must be non-empty"),
        ({"chat_id": PERSON, "text": "x" * 4097}, "Bad Request: message is too long"),
        ({"text": "x"}, "Bad Request: chat_id is empty"),
        ({"chat_id": 999, "text": "x"}, "Bad Request: chat not found"),
        ({"chat_id": "@nobody", "text": "x"}, "Bad Request: chat not found"),
        ({"chat_id": PERSON + 1, "text": "x"}, "Forbidden: bot can't initiate conversation with a user"),
        ({"chat_id": FORUM, "text": "x", "message_thread_id": 1}, "Bad Request: message thread not found"),
        ({"chat_id": GROUP, "text": "x", "message_thread_id": 5}, "Bad Request: message thread not found"),
        (
            {"chat_id": PERSON, "text": "x", "reply_parameters": {"message_id": 99}},
            "Bad Request: message to be replied not found",
        ),
        (
            {"chat_id": PERSON, "text": "x", "reply_parameters": "{"},
            "Bad Request: can't parse reply parameters JSON object",
        ),
        (
            {"chat_id": PERSON, "text": "x", "reply_parameters": [1]},
            "Bad Request: object expected as reply parameters",
        ),
        (
            {"chat_id": PERSON, "text": "x", "reply_parameters": {"chat_id": 5}},
            'Bad Request: can\'t find field "message_id"',
        ),
        (
            {"chat_id": PERSON, "text": "x", "entities": [{"type": "bold", "offset": 0, "length": 2}]},
            (
                "Bad Request: entity beginning at UTF-16 offset 0 ends after the end of the text "
                "at UTF-16 offset 2"
            ),
        ),
    ],
)
async def test_a_bad_message_is_refused_in_telegrams_words(
    api: Api, params: dict[str, object], reason: str
) -> None:
    assert await api.refusal("sendMessage", **params) == reason


async def test_length_counts_code_points(api: Api) -> None:
    sent = await api.result("sendMessage", chat_id=PERSON, text="😀" * 4096)

    assert len(sent["text"]) == 4096


async def test_a_reply_carries_what_it_replies_to(world: TelegramWorld, bot: Bot) -> None:
    first = world.say(PERSON, PERSON, "question")
    second = world.say(PERSON, PERSON, "again", reply_to=first["message_id"])

    sent = await bot.send_message(
        PERSON, "answer", reply_parameters=ReplyParameters(message_id=second["message_id"])
    )

    assert sent.reply_to_message is not None
    assert sent.reply_to_message.text == "again"
    assert sent.reply_to_message.reply_to_message is None


async def test_a_reply_may_go_without_its_message(world: TelegramWorld, api: Api) -> None:
    asked = world.say(PERSON, PERSON, "question")
    world.delete_message(PERSON, asked["message_id"])
    reply = {"message_id": asked["message_id"], "allow_sending_without_reply": True}

    sent = await api.result("sendMessage", chat_id=PERSON, text="answer", reply_parameters=reply)

    assert "reply_to_message" not in sent


async def test_preview_options_are_kept(api: Api) -> None:
    options = {"is_disabled": True}

    sent = await api.result("sendMessage", chat_id=PERSON, text="a", link_preview_options=options)

    assert sent["link_preview_options"] == options


async def test_other_keyboards_are_not_part_of_the_message(api: Api) -> None:
    keyboard = {"keyboard": [[{"text": "a"}]]}

    assert "reply_markup" not in await api.result(
        "sendMessage", chat_id=PERSON, text="a", reply_markup=keyboard
    )
    assert "reply_markup" not in await api.result(
        "sendMessage", chat_id=PERSON, text="a", reply_markup={"x": 1}
    )


async def test_supergroups_number_their_messages_themselves(api: Api) -> None:
    numbers = [
        (await api.result("sendMessage", chat_id=chat_id, text="a"))["message_id"]
        for chat_id in (PERSON, GROUP, SUPERGROUP, PERSON)
    ]

    assert numbers == [1, 2, 1, 3]


async def test_a_topic_is_shown_and_replied_to(api: Api) -> None:
    sent = await api.result("sendMessage", chat_id=FORUM, text="e4", message_thread_id=TOPIC)

    assert sent["message_thread_id"] == TOPIC
    assert sent["is_topic_message"]
    assert sent["reply_to_message"]["forum_topic_created"]["name"] == "Chess"


async def test_a_reply_goes_to_the_topic_of_its_message(world: TelegramWorld, api: Api) -> None:
    asked = world.say(FORUM, PERSON, "e4", topic_id=TOPIC)
    reply = {"message_id": asked["message_id"]}

    sent = await api.result("sendMessage", chat_id=FORUM, text="e5", reply_parameters=reply)

    assert sent["message_thread_id"] == TOPIC


async def test_replies_in_a_supergroup_make_a_thread_that_is_no_topic(world: TelegramWorld, api: Api) -> None:
    root = world.say(SUPERGROUP, PERSON, "root")
    middle = world.say(SUPERGROUP, PERSON, "middle", reply_to=root["message_id"])
    reply = {"message_id": middle["message_id"]}

    sent = await api.result(
        "sendMessage",
        chat_id=SUPERGROUP,
        text="leaf",
        reply_parameters=reply,
        message_thread_id=root["message_id"],
    )

    assert sent["message_thread_id"] == root["message_id"]
    assert "is_topic_message" not in sent


@pytest.mark.parametrize(
    ("markup", "reason"),
    [
        ("{", "can't parse reply keyboard markup JSON object"),
        ([5], "object expected as reply markup"),
        (
            {"inline_keyboard": [5]},
            'field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays',
        ),
        (
            {"inline_keyboard": [[5]]},
            "can't parse inline keyboard button: InlineKeyboardButton must be an Object",
        ),
        ({"inline_keyboard": [[{}]]}, "can't parse inline keyboard button: Can't find field \"text\""),
        (
            {"inline_keyboard": [[{"text": 5}]]},
            'can\'t parse inline keyboard button: Field "text" must be of type String',
        ),
        ({"inline_keyboard": [[{"text": " ", "pay": True}]]}, "inline keyboard button text must be non-empty"),
        (
            {"inline_keyboard": [[{"text": "a"}]]},
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        ({"inline_keyboard": [[{"text": "a", "callback_data": "я" * 33}]]}, "BUTTON_DATA_INVALID"),
        ({"inline_keyboard": [[{"text": "a", "copy_text": {"text": "x" * 257}}]]}, "BUTTON_COPY_TEXT_INVALID"),
        (
            {"inline_keyboard": [[{"text": "a", "url": "ftp://ya.ru"}]]},
            "inline keyboard button URL 'ftp://ya.ru' is invalid: Unsupported URL protocol",
        ),
        ({"inline_keyboard": [[{"text": "a", "callback_data": "a"}] * 101]}, "reply markup is too long"),
    ],
)
async def test_a_bad_keyboard_is_refused(api: Api, markup: object, reason: str) -> None:
    refusal = await api.refusal("sendMessage", chat_id=PERSON, text="a", reply_markup=markup)

    assert refusal == f"Bad Request: {reason}"


async def test_data_of_64_bytes_and_links_are_fine(api: Api) -> None:
    row = [{"text": "a", "callback_data": "я" * 32}, {"text": "b", "url": "ya.ru"}, {"text": "c", "pay": True}]

    sent = await api.result(
        "sendMessage", chat_id=PERSON, text="a", reply_markup={"inline_keyboard": [row, []]}
    )

    assert [button["text"] for button in sent["reply_markup"]["inline_keyboard"][0]] == ["a", "b", "c"]
    assert sent["reply_markup"]["inline_keyboard"][0][1]["url"] == "http://ya.ru/"


async def test_typing_is_shown_and_forgotten(world: TelegramWorld, bot: Bot) -> None:
    watch = world.watch()

    assert await bot.send_chat_action(FORUM, "typing", message_thread_id=1)

    event = await anext(watch)
    assert (event.kind, event.chat_id) == ("action", FORUM)
    assert event.payload == {"action": "typing", "message_thread_id": 1}
    assert world.bot_messages(FORUM) == []


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({"chat_id": PERSON, "action": "dancing"}, "Bad Request: wrong parameter action in request"),
        ({"action": "typing"}, "Bad Request: chat_id is empty"),
        (
            {"chat_id": FORUM, "action": "typing", "message_thread_id": 99},
            "Bad Request: message thread not found",
        ),
    ],
)
async def test_a_bad_action_is_refused(api: Api, params: dict[str, object], reason: str) -> None:
    assert await api.refusal("sendChatAction", **params) == reason
