from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from bot.sandbox.telegram.flood import FloodControl, FloodLimits
from bot.sandbox.telegram.refusals import Refusal
from bot.sandbox.telegram.server import TelegramServer
from bot.sandbox.telegram.world import Account, BotAccount, TelegramWorld
from tests.tools.clock import FakeClock
from tests.unit.sandbox.telegram.api import GROUP, PERSON, TOKEN, Api


def spend(control: FloodControl, chat_id: int = PERSON) -> int:
    """Call once; return the seconds to wait, 0 if the call passed."""
    try:
        control.spend(chat_id)
    except Refusal as refusal:
        return int(refusal.parameters["retry_after"])
    return 0


@pytest.fixture
def control(clock: FakeClock) -> FloodControl:
    return FloodControl(FloodLimits(), clock)


def test_a_burst_passes_and_then_one_a_second(control: FloodControl, clock: FakeClock) -> None:
    assert [spend(control) for _ in range(6)] == [0, 0, 0, 0, 0, 3]
    clock.advance(3)
    assert [spend(control) for _ in range(4)] == [0, 0, 0, 3]


def test_one_a_second_passes_for_ever(control: FloodControl, clock: FakeClock) -> None:
    for _ in range(100):
        assert spend(control) == 0
        clock.advance(1)


def test_a_group_takes_twenty_within_any_minute(control: FloodControl, clock: FakeClock) -> None:
    assert [spend(control, GROUP) for _ in range(21)] == [0] * 20 + [3]
    clock.advance(30)
    assert spend(control, GROUP) == 3
    clock.advance(30)
    assert [spend(control, GROUP) for _ in range(21)] == [0] * 20 + [3]


def test_who_knocks_waits_longer(control: FloodControl, clock: FakeClock) -> None:
    for _ in range(6):
        spend(control)
    assert control.is_penalized(PERSON)
    clock.advance(2)

    assert spend(control) == 4
    assert control.knocks == 1
    clock.advance(3.5)
    assert spend(control) == 4
    assert control.knocks == 2
    clock.advance(3.5)
    assert not control.is_penalized(PERSON)
    assert spend(control) == 0


def test_chats_do_not_pay_for_each_other(control: FloodControl) -> None:
    for _ in range(6):
        spend(control)

    assert spend(control, PERSON + 1) == 0


def test_all_chats_together_have_a_limit_too(clock: FakeClock) -> None:
    control = FloodControl(FloodLimits(overall_per_s=3), clock)

    assert [spend(control, chat_id) for chat_id in range(1, 6)] == [0, 0, 0, 3, 3]
    clock.advance(1)
    assert spend(control, 6) == 0


def test_without_limits_everything_passes(clock: FakeClock) -> None:
    control = FloodControl(None, clock)

    assert {spend(control) for _ in range(1000)} == {0}


@pytest.fixture
async def strict(clock: FakeClock) -> AsyncIterator[tuple[TelegramWorld, Api]]:
    world = TelegramWorld(
        token=TOKEN,
        bot=BotAccount(42, "govorun_bot", "Govorun"),
        clock=clock,
        flood=FloodLimits(private_burst=3),
    )
    world.add_person(Account(PERSON, "Vera"))
    async with TelegramServer(world) as server, aiohttp.ClientSession() as client:
        yield world, Api(server.url, client)


async def test_everything_that_shows_shares_one_account(strict: tuple[TelegramWorld, Api]) -> None:
    world, api = strict
    world.say(PERSON, PERSON, "hi")
    button = InlineKeyboardButton(text="a", callback_data="a")
    markup = InlineKeyboardMarkup(inline_keyboard=[[button]]).model_dump(exclude_none=True)
    sent = await api.result("sendMessage", chat_id=PERSON, text="a", reply_markup=markup)
    await api.result("sendChatAction", chat_id=PERSON, action="typing")
    await api.result("sendMessageDraft", chat_id=PERSON, draft_id=1, text="a")

    refused = await api("editMessageText", chat_id=PERSON, message_id=sent["message_id"], text="b")

    assert refused == {
        "ok": False,
        "error_code": 429,
        "description": "Too Many Requests: retry after 3",
        "parameters": {"retry_after": 3},
    }
    query_id = world.press(PERSON, PERSON, sent["message_id"], "a")
    assert await api.result("answerCallbackQuery", callback_query_id=query_id)
    assert world.knocks == 0
    assert not world.calls[-2].ok


async def test_a_refused_call_does_nothing_and_says_when_in_a_header(
    strict: tuple[TelegramWorld, Api],
) -> None:
    world, api = strict
    world.say(PERSON, PERSON, "hi")
    for _ in range(3):
        await api.result("sendChatAction", chat_id=PERSON, action="typing")

    url = f"{api.url}/bot{TOKEN}/sendMessage"
    async with api.client.post(url, data={"chat_id": str(PERSON), "text": "a"}) as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (429, "3")

    assert world.bot_messages(PERSON) == []
