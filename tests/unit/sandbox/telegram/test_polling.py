import asyncio
import time

import pytest
from aiogram import Bot

from bot.sandbox.telegram.polling import OTHER_POLLER, WEBHOOK_ACTIVE, WEBHOOK_SET
from bot.sandbox.telegram.updates import UpdateQueue
from bot.sandbox.telegram.world import TelegramWorld
from tests.tools.clock import FakeClock
from tests.unit.sandbox.telegram.api import PERSON, Api


@pytest.fixture
def queue(clock: FakeClock) -> UpdateQueue:
    queue = UpdateQueue(clock)
    for text in "abcde":
        queue.put("message", {"text": text}, lane=1)
    return queue


def texts(queue: UpdateQueue, limit: int = 100) -> str:
    return "".join(update["message"]["text"] for update in queue.oldest(limit))


async def test_updates_come_until_they_are_confirmed(world: TelegramWorld, bot: Bot) -> None:
    world.say(PERSON, PERSON, "one")
    world.say(PERSON, PERSON, "two")

    first = await bot.get_updates(limit=1)
    again = await bot.get_updates()
    rest = await bot.get_updates(offset=first[0].update_id + 1)

    assert [update.update_id for update in again] == [first[0].update_id]
    assert [update.message.text for update in rest if update.message] == ["two"]
    assert rest[0].update_id == first[0].update_id + 1


async def test_a_long_poll_returns_at_once_when_an_update_comes(world: TelegramWorld, bot: Bot) -> None:
    poll = asyncio.create_task(bot.get_updates(timeout=30))
    await asyncio.sleep(0.1)
    began = time.perf_counter()

    world.say(PERSON, PERSON, "now")
    world.say(PERSON, PERSON, "and again")
    updates = await poll

    assert time.perf_counter() - began < 0.5
    assert [update.message.text for update in updates if update.message] == ["now", "and again"]


async def test_a_long_poll_ends_empty(world: TelegramWorld, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.sandbox.telegram.polling._PATIENCE_S", 0.05)

    assert await api.result("getUpdates", offset=-1) == []
    assert await api.result("getUpdates", offset=-1) == []
    assert world.calls_of("GETUPDATES")[0].params == {"offset": -1}


async def test_a_second_poller_ends_the_first_one(api: Api) -> None:
    first = asyncio.create_task(api("getUpdates", timeout=30))
    await asyncio.sleep(0.1)
    second = asyncio.create_task(api("getUpdates", timeout=30))

    envelope = await first

    assert envelope["error_code"] == 409
    assert envelope["description"] == f"Conflict: {OTHER_POLLER}"
    second.cancel()


async def test_repeated_conflicts_are_answered_late(api: Api, clock: FakeClock) -> None:
    await api.result("setWebhook", url="http://127.0.0.1:9/")

    for _ in range(2):
        assert await api.refusal("getUpdates") == f"Conflict: {WEBHOOK_ACTIVE}"

    assert clock.slept == [3.0]


async def test_setting_a_webhook_ends_the_poll(api: Api) -> None:
    poll = asyncio.create_task(api("getUpdates", timeout=30))
    await asyncio.sleep(0.1)

    await api.result("setWebhook", url="http://127.0.0.1:9/")

    assert (await poll)["description"] == f"Conflict: {WEBHOOK_SET}"


async def test_wanted_kinds_are_remembered_and_applied_at_birth(world: TelegramWorld, api: Api) -> None:
    await api.result("getUpdates", allowed_updates=["callback_query", "nonsense"])
    assert (await api.result("getWebhookInfo"))["allowed_updates"] == ["callback_query"]
    world.say(PERSON, PERSON, "unheard")
    await api.result("getUpdates", offset=1, allowed_updates=[])
    world.say(PERSON, PERSON, "heard")

    updates = await api.result("getUpdates", offset=2)

    assert [update["message"]["text"] for update in updates] == ["heard"]
    assert "allowed_updates" not in await api.result("getWebhookInfo")


@pytest.mark.parametrize(("offset", "left"), [(0, "abcde"), (2, "cde"), (5, ""), (99, "abcde")])
def test_offsets_confirm_what_lies_below(queue: UpdateQueue, offset: int, left: str) -> None:
    queue.confirm(queue.next_id - 5 + offset if offset else 0)

    assert texts(queue) == left


@pytest.mark.parametrize(("offset", "left"), [(-1, "e"), (-3, "cde"), (-5, "abcde"), (-9, "abcde")])
def test_negative_offsets_keep_the_last_ones(queue: UpdateQueue, offset: int, left: str) -> None:
    queue.confirm(offset)

    assert texts(queue) == left


def test_updates_live_for_a_day_and_queries_for_less(queue: UpdateQueue, clock: FakeClock) -> None:
    queue.put("callback_query", {}, lane=2, lifetime_s=150)
    assert len(queue) == 6

    clock.advance(151)
    assert texts(queue) == "abcde"
    clock.advance(24 * 3600)
    assert texts(queue) == ""
    assert len(queue) == 0


def test_an_unwanted_kind_gets_no_number(queue: UpdateQueue) -> None:
    before = queue.next_id

    assert queue.put("message_reaction", {}, lane=1) is None
    assert queue.next_id == before
