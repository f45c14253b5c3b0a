"""The port `LiveReply`, over every adapter: real clock, real Redis, Telegram behind aiogram's session."""

import asyncio
from dataclasses import dataclass

import pytest
from aiogram import Bot
from redis.asyncio import Redis

from bot.errors import ConnectionCut
from bot.ports import Replies
from bot.replies.edit import EditReplies
from bot.replies.governor import Governor
from bot.replies.journal import Journal
from bot.replies.pace import Pace
from bot.replies.voice import ReplyWords, Voice
from bot.types import ConversationKey, Person, Place
from tests.tools.telegram_session import TOKEN, TelegramSession, flood

PERSON = Person(5, "Olga", "en")
PLACE = Place(ConversationKey(42, 7))
QUICK = Pace(private_calls_per_second=200, private_burst=20, frame_interval_s=0.01, first_frame_delay_s=0)
LONG = " ".join(f"word{number}" for number in range(1500))


@dataclass
class House:
    """An adapter of the port, and what its chat shows."""

    replies: Replies
    telegram: TelegramSession


@pytest.fixture(params=["edit"])
async def house(request: pytest.FixtureRequest, redis: Redis) -> House:
    assert request.param == "edit"
    telegram = TelegramSession()
    voice = Voice(
        lambda _: ReplyWords("Stop", "(stopped)", "(cut)", "(nothing)"), lambda error, _: type(error).__name__
    )
    replies = EditReplies(Bot(TOKEN, session=telegram), Governor(redis, 42, QUICK), Journal(redis), voice)
    return House(replies, telegram)


async def _grow(house: House, text: str, *, reply_id: str = "1", has_end: bool = True) -> None:
    async with house.replies.open(PLACE, PERSON, reply_id=reply_id) as reply:
        for end in range(0, len(text), 500):
            reply.show(text[:end])
            await asyncio.sleep(0.01)
        if has_end:
            await reply.finish(text)


async def test_the_answer_is_whole_in_order_and_once(house: House) -> None:
    await _grow(house, LONG)

    assert " ".join(house.telegram.texts) == LONG


async def test_showing_never_waits(house: House) -> None:
    async with house.replies.open(PLACE, PERSON, reply_id="1") as reply:
        for end in range(len(LONG)):
            reply.show(LONG[:end])

    assert house.telegram.history == []


async def test_the_messages_are_known_in_order(house: House) -> None:
    async with house.replies.open(PLACE, PERSON, reply_id="1") as reply:
        await reply.finish(LONG)

        assert reply.message_ids == tuple(sorted(house.telegram.shown))


async def test_nothing_is_sent_after_the_end(house: House) -> None:
    async with house.replies.open(PLACE, PERSON, reply_id="1") as reply:
        await reply.finish("end")
        reply.show("more")
        await reply.stop()
        await asyncio.sleep(0.05)

    assert house.telegram.history == ["end"]


async def test_a_failure_keeps_the_text_and_says_why(house: House) -> None:
    async with house.replies.open(PLACE, PERSON, reply_id="1") as reply:
        reply.show("half an answer")
        await reply.fail(ConnectionCut())

    assert house.telegram.texts == ["half an answer\n\nConnectionCut"]


async def test_a_stop_keeps_the_text_and_marks_it(house: House) -> None:
    async with house.replies.open(PLACE, PERSON, reply_id="1") as reply:
        reply.show("half an answer")
        await reply.stop()

    assert house.telegram.texts == ["half an answer\n\n(stopped)"]


async def test_a_truncated_answer_is_marked(house: House) -> None:
    async with house.replies.open(PLACE, PERSON, reply_id="1") as reply:
        await reply.finish("half an answer", is_truncated=True)

    assert house.telegram.texts == ["half an answer\n\n(cut)"]


async def test_an_interrupted_reply_is_taken_up_in_the_same_messages(house: House) -> None:
    await _grow(house, LONG, has_end=False)
    before = set(house.telegram.shown)

    await _grow(house, "Anew. " + LONG)

    assert before <= set(house.telegram.shown)
    assert " ".join(house.telegram.texts) == "Anew. " + LONG


async def test_another_reply_has_messages_of_its_own(house: House) -> None:
    await _grow(house, "one")
    await _grow(house, "two", reply_id="2")

    assert house.telegram.texts == ["one", "two"]


async def test_flood_control_delays_the_end_and_loses_nothing(house: House) -> None:
    house.telegram.faults.append(flood(1, "SendMessage"))

    await _grow(house, "answer")

    assert house.telegram.texts == ["answer"]


async def test_a_send_that_is_broken_off_is_noted_nevertheless(house: House) -> None:
    house.telegram._latency_s = 0.1

    async def broken_off() -> None:
        async with house.replies.open(PLACE, PERSON, reply_id="1") as reply:
            await reply.finish("the answer")

    task = asyncio.create_task(broken_off())
    await asyncio.sleep(0.05)
    task.cancel()
    await asyncio.wait([task])
    await _grow(house, "the answer")

    assert house.telegram.texts == ["the answer"]
