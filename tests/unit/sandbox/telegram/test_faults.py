import asyncio

import aiohttp
import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramNetworkError, TelegramRetryAfter, TelegramServerError

from bot.sandbox.telegram.world import Fault, Faults, TelegramWorld
from tests.tools.clock import FakeClock
from tests.unit.sandbox.telegram.api import GROUP, PERSON, TOKEN, Api


async def test_a_lost_answer_leaves_the_call_applied(world: TelegramWorld, bot: Bot) -> None:
    world.faults.add(Fault.lost_answer(), "sendMessage")

    with pytest.raises(TelegramNetworkError):
        await bot.send_message(PERSON, "once")

    assert [message["text"] for message in world.bot_messages(PERSON)] == ["once"]
    assert world.calls[-1].ok


async def test_a_dropped_call_is_not_applied(world: TelegramWorld, bot: Bot) -> None:
    world.faults.add(Fault.drop(), "sendMessage")

    with pytest.raises(TelegramNetworkError):
        await bot.send_message(PERSON, "never")
    await bot.send_message(PERSON, "second")

    assert [message["text"] for message in world.bot_messages(PERSON)] == ["second"]
    assert [call.ok for call in world.calls] == [False, True]


async def test_flood_comes_on_order(world: TelegramWorld, bot: Bot) -> None:
    world.faults.add(Fault.flood(17), "sendMessage")

    with pytest.raises(TelegramRetryAfter) as refused:
        await bot.send_message(PERSON, "a")

    assert refused.value.retry_after == 17


async def test_telegram_breaks_on_order(world: TelegramWorld, bot: Bot, api: Api) -> None:
    world.faults.extend([Fault.server_error(), Fault.bad_gateway()], "sendMessage")

    with pytest.raises(TelegramServerError):
        await bot.send_message(PERSON, "a")
    url = f"{api.url}/bot{TOKEN}/sendMessage"
    async with aiohttp.ClientSession() as client, client.get(url) as answer:
        assert (answer.status, answer.content_type) == (502, "text/html")
        assert "502 Bad Gateway" in await answer.text()

    assert [call.error_code for call in world.calls] == [500, 502]


async def test_any_refusal_comes_on_order(world: TelegramWorld, api: Api) -> None:
    world.faults.add(Fault.refusal(403, "Forbidden: user is deactivated", migrate_to_chat_id=5))

    envelope = await api("getMe")

    assert (envelope["description"], envelope["parameters"]) == (
        "Forbidden: user is deactivated",
        {"migrate_to_chat_id": 5},
    )


async def test_a_delayed_call_is_applied_late(world: TelegramWorld, bot: Bot, clock: FakeClock) -> None:
    world.faults.add(Fault.delay(2.5), "sendMessage")

    await bot.send_message(PERSON, "a")

    assert clock.slept == [2.5]
    assert world.bot_messages(PERSON)[0]["date"] == int(clock.now)


async def test_a_call_is_applied_although_its_caller_gave_up(world: TelegramWorld, bot: Bot) -> None:
    may_go_on = asyncio.Event()

    async def wait(_seconds: float) -> None:
        await may_go_on.wait()

    world.state.sleep = wait
    world.faults.add(Fault.delay(60), "sendMessage")

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(bot.send_message(PERSON, "late"), 0.2)
    await bot.send_message(PERSON, "early")
    may_go_on.set()
    await bot.get_me()

    assert [message["text"] for message in world.bot_messages(PERSON)] == ["early", "late"]


async def test_every_call_takes_its_time_but_polling(world: TelegramWorld, bot: Bot, clock: FakeClock) -> None:
    world.latency_s = 0.25

    await bot.get_me()
    await bot.get_updates()

    assert clock.slept == [0.25]


def test_faults_strike_in_order_where_they_are_meant() -> None:
    faults, flood = Faults(), Fault.flood(1)
    faults.add(flood, "sendMessage", times=2, chat_id=PERSON, after=1)

    strikes = [
        faults.strike("sendmessage", PERSON),
        faults.strike("sendmessage", GROUP),
        faults.strike("editmessagetext", PERSON),
        faults.strike("sendmessage", PERSON),
        faults.strike("sendmessage", PERSON),
        faults.strike("sendmessage", PERSON),
    ]

    assert strikes == [None, None, None, flood, flood, None]


def test_polling_is_spared_by_faults_for_any_call() -> None:
    faults, flood = Faults(), Fault.flood(1)
    faults.add(flood, after=1)

    strikes = [faults.strike(name, None) for name in ("getupdates", "getme", "getupdates", "sendmessage")]

    assert strikes == [None, None, None, flood]


def test_a_fault_strikes_the_call_of_its_number_in_a_chat_whatever_is_called() -> None:
    faults, drop = Faults(), Fault.drop()
    faults.add(drop, chat_id=PERSON, after=2)
    calls = [
        ("sendchataction", PERSON),
        ("getupdates", None),
        ("sendmessage", GROUP),
        ("sendmessage", PERSON),
        ("answercallbackquery", None),
        ("editmessagetext", PERSON),
    ]

    assert [faults.strike(*call) for call in calls] == [None] * 5 + [drop]


def test_polling_can_be_meant_by_its_name() -> None:
    faults = Faults()
    faults.add(Fault.drop(), "getUpdates")

    assert faults.strike("getupdates", None) == Fault.drop()


def test_faults_can_be_forgotten() -> None:
    faults = Faults()
    faults.add(Fault.drop())

    faults.clear()

    assert faults.strike("getme", None) is None
