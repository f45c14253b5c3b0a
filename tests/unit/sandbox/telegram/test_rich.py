"""Rich messages over HTTP: what is sent, edited and refused."""

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramNotFound
from aiogram.types import InputRichMessage, Message

from bot.sandbox.telegram.params import Params
from bot.sandbox.telegram.world import Ability, FloodLimits, TelegramWorld
from tests.tools.botapi import assert_call_matches_schema, object_problems
from tests.unit.sandbox.telegram.api import FORUM, PERSON, TOPIC, Api

TABLE = "| a | b |\n|:--|--:|\n| 1 | **2** |"
KEYBOARD = {"inline_keyboard": [[{"text": "Stop", "callback_data": "stop"}]]}


async def test_a_rich_message_comes_back_as_blocks(world: TelegramWorld, bot: Bot) -> None:
    sent = await bot.send_rich_message(PERSON, InputRichMessage(markdown=TABLE))

    assert sent.rich_message is not None
    assert [block.type for block in sent.rich_message.blocks] == ["table"]
    assert (sent.text, sent.content_type) == (None, "rich_message")
    assert world.rich_text(PERSON, sent.message_id) == "a | b\n1 | 2"
    assert world.rich_source(PERSON, sent.message_id) == {"markdown": TABLE}
    assert world.text_of_last_bot_message(PERSON) == "a | b\n1 | 2"


async def test_every_answer_is_one_of_the_bot_api(world: TelegramWorld, api: Api) -> None:
    source = (
        f"# h\n\n{TABLE}\n\n- [x] a\n\n> q\n\n```py\nx\n```\n\n$$\nx\n$$\n\n||s|| $y$ @govorun_bot\n\n[^1]: n"
    )
    rich = {"markdown": source, "is_rtl": True}

    sent = await api.result("sendRichMessage", chat_id=PERSON, rich_message=rich, reply_markup=KEYBOARD)
    target = {"chat_id": PERSON, "message_id": sent["message_id"]}
    edited = await api.result("editMessageText", **target, rich_message={"html": "<p>b</p>"})

    for message in (sent, edited):
        assert list(object_problems(message, "Message")) == []
        assert Message.model_validate(message).rich_message is not None
    for call in world.calls:
        assert_call_matches_schema(call.method, call.params)


async def test_text_and_rich_messages_take_turns_by_edits(world: TelegramWorld, bot: Bot) -> None:
    sent = await bot.send_message(PERSON, "one")
    content = InputRichMessage(markdown="**two**")

    rich = await bot.edit_message_text(chat_id=PERSON, message_id=sent.message_id, rich_message=content)
    plain = await bot.edit_message_text("three", chat_id=PERSON, message_id=sent.message_id)

    assert isinstance(rich, Message)
    assert isinstance(plain, Message)
    assert (rich.text, plain.rich_message) == (None, None)
    assert world.frames(PERSON, sent.message_id) == ["one", "two", "three"]
    assert world.rich_source(PERSON, sent.message_id) is None


async def test_the_same_rich_message_again_is_refused(bot: Bot) -> None:
    rich = InputRichMessage(markdown="**one**")
    sent = await bot.send_rich_message(PERSON, rich)

    with pytest.raises(TelegramBadRequest, match="message is not modified"):
        await bot.edit_message_text(chat_id=PERSON, message_id=sent.message_id, rich_message=rich)


@pytest.mark.parametrize(
    ("rich", "reason"),
    [
        ("", "RICH_MESSAGE_CONTENT_REQUIRED"),
        ("{", "can't parse InputRichMessage JSON object"),
        ([5], "can't parse InputRichMessage: expected an Object"),
        (
            {"is_rtl": True},
            "can't parse InputRichMessage: exactly one of the fields html, markdown and blocks must be used",
        ),
        (
            {"html": "a", "markdown": "a"},
            "can't parse InputRichMessage: exactly one of the fields html, markdown and blocks must be used",
        ),
        ({"markdown": 5}, 'can\'t parse InputRichMessage: Field "markdown" must be of type String'),
        ({"blocks": "a"}, 'can\'t parse InputRichMessage: Field "blocks" must be of type Array'),
        ({"markdown": "a", "media": [{}]}, "this stand-in for Telegram does not show media in rich messages"),
        ({"markdown": "<div>a</div>"}, 'can\'t parse rich message: Unsupported start tag "div"'),
        ({"markdown": "x" * 32_769}, "RICH_MESSAGE_TOO_LONG"),
    ],
)
async def test_a_bad_rich_message_is_refused(api: Api, rich: object, reason: str) -> None:
    assert await api.refusal("sendRichMessage", chat_id=PERSON, rich_message=rich) == f"Bad Request: {reason}"


async def test_an_edit_has_text_or_a_rich_message(api: Api) -> None:
    sent = await api.result("sendMessage", chat_id=PERSON, text="one")
    both = {"text": "two", "rich_message": {"markdown": "two"}}

    refusal = await api.refusal("editMessageText", chat_id=PERSON, message_id=sent["message_id"], **both)

    assert refusal == "Bad Request: exactly one of the parameters text and rich_message must be used"


async def test_rich_messages_share_the_flood_account_with_all_others(world: TelegramWorld, bot: Bot) -> None:
    world.state.flood._limits = FloodLimits(private_burst=2)
    await bot.send_rich_message(PERSON, InputRichMessage(markdown="a"))
    await bot.send_message(PERSON, "b")

    refusal = await world.call(
        "sendRichMessage", Params({"chat_id": PERSON, "rich_message": {"markdown": "c"}})
    )

    assert refusal.status == 429


async def test_a_rich_message_goes_where_it_is_sent(bot: Bot) -> None:
    sent = await bot.send_rich_message(FORUM, InputRichMessage(markdown="a"), message_thread_id=TOPIC)

    assert (sent.message_thread_id, sent.is_topic_message) == (TOPIC, True)


async def test_rich_messages_can_be_refused_in_one_chat(world: TelegramWorld, bot: Bot) -> None:
    rich = InputRichMessage(markdown="a")
    world.abilities.refuse(Ability.RICH, "RICH_MESSAGES_NOT_SUPPORTED", chat_id=PERSON)

    with pytest.raises(TelegramBadRequest, match="RICH_MESSAGES_NOT_SUPPORTED"):
        await bot.send_rich_message(PERSON, rich)
    await bot.send_rich_message(FORUM, rich)
    world.abilities.relearn()
    await bot.send_rich_message(PERSON, rich)


async def test_edits_are_refused_with_them(world: TelegramWorld, bot: Bot) -> None:
    sent = await bot.send_message(PERSON, "one")
    world.abilities.refuse(Ability.RICH)

    with pytest.raises(TelegramBadRequest, match="rich messages are not supported"):
        await bot.edit_message_text(
            chat_id=PERSON, message_id=sent.message_id, rich_message=InputRichMessage(markdown="a")
        )
    await bot.edit_message_text("two", chat_id=PERSON, message_id=sent.message_id)


async def test_an_old_server_has_never_heard_of_them(world: TelegramWorld, bot: Bot, api: Api) -> None:
    sent = await bot.send_message(PERSON, "one")
    world.abilities.unlearn(Ability.RICH)

    with pytest.raises(TelegramNotFound, match="method not found"):
        await bot.send_rich_message(PERSON, InputRichMessage(markdown="a"))
    edit = {"chat_id": PERSON, "message_id": sent.message_id, "rich_message": {"markdown": "a"}}
    assert await api.refusal("editMessageText", **edit) == "Bad Request: message text is empty"
