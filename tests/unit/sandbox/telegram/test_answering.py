import pytest
from aiogram import Bot
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from bot.sandbox.telegram.world import ImpossibleError, TelegramWorld
from tests.tools.clock import FakeClock
from tests.unit.sandbox.telegram.api import PERSON, Api

TOO_OLD = "Bad Request: query is too old and response timeout expired or query ID is invalid"


@pytest.fixture
async def message_id(bot: Bot) -> int:
    keyboard = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="Stop", callback_data="stop")]])
    return (await bot.send_message(PERSON, "growing", reply_markup=keyboard)).message_id


async def test_a_press_reaches_the_bot_and_its_answer_the_person(
    world: TelegramWorld, bot: Bot, message_id: int
) -> None:
    query_id = world.press(PERSON, PERSON, message_id, "stop")

    query = (await bot.get_updates())[-1].callback_query
    assert query is not None
    assert (query.id, query.data, query.from_user.id) == (query_id, "stop", PERSON)
    assert world.callback_answer(query_id) is None
    assert await bot.answer_callback_query(query_id, "Stopped", show_alert=True)
    assert world.callback_answer(query_id) == {
        "callback_query_id": query_id,
        "text": "Stopped",
        "show_alert": True,
    }
    assert await bot.answer_callback_query(query_id)


async def test_an_old_or_unknown_query_cannot_be_answered(
    world: TelegramWorld, api: Api, clock: FakeClock, message_id: int
) -> None:
    query_id = world.press(PERSON, PERSON, message_id, "stop")
    clock.advance(151)

    assert await api.refusal("answerCallbackQuery", callback_query_id=query_id) == TOO_OLD
    assert await api.refusal("answerCallbackQuery", callback_query_id="5") == TOO_OLD
    assert await api.result("getUpdates") == []


async def test_a_long_answer_is_refused(world: TelegramWorld, api: Api, message_id: int) -> None:
    query_id = world.press(PERSON, PERSON, message_id, "stop")

    refusal = await api.refusal("answerCallbackQuery", callback_query_id=query_id, text="x" * 201)

    assert refusal == "Bad Request: MESSAGE_TOO_LONG"


async def test_a_client_may_make_up_its_data(world: TelegramWorld, bot: Bot, message_id: int) -> None:
    world.press(PERSON, PERSON, message_id, "made up", is_forged=True)

    query = (await bot.get_updates())[-1].callback_query
    assert query is not None
    assert query.data == "made up"


async def test_only_buttons_that_are_there_can_be_pressed(world: TelegramWorld, message_id: int) -> None:
    with pytest.raises(ImpossibleError):
        world.press(PERSON, PERSON, message_id, "go")
