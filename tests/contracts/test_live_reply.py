"""The port `LiveReply`, over every adapter: real clock, real Redis, the Telegram of the sandbox."""

import asyncio
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

import pytest
from aiogram import Bot
from redis.asyncio import Redis

from bot.errors import ConnectionCut
from bot.ports import LiveReply, Replies
from bot.replies.governor import Governor
from bot.replies.journal import Journal
from bot.replies.live import LiveReplies
from bot.replies.pace import Pace
from bot.sandbox.telegram.world import Fault, TelegramWorld
from bot.types import ConversationKey, Format, Manner, Person, Piece, Place, Transport
from tests.tools.house import ANNA, BOT, TOKEN, a_world
from tests.tools.reply_stage import VOICE
from tests.tools.world_session import RealTime, WorldSession, judge

PERSON = Person(ANNA, "Anna", "en")
QUICK = Pace(private_calls_per_second=200, private_burst=20, frame_interval_s=0.01, first_frame_delay_s=0)
LONG = " ".join(f"word{number}" for number in range(1500))
ADAPTERS = [Manner(transport, look) for transport in Transport for look in Format]


@dataclass
class House:
    """An adapter of the port, and what its chat shows."""

    replies: Replies
    manner: Manner
    world: TelegramWorld
    session: WorldSession

    @property
    def texts(self) -> list[str]:
        """What the bot has said, from top to bottom."""
        ids = [message["message_id"] for message in self.world.bot_messages(ANNA)]
        return [self.world.rich_text(ANNA, message_id) for message_id in ids]

    def open(self, reply_id: str = "1") -> AbstractAsyncContextManager[LiveReply]:
        """Open a reply to Anna's question."""
        place = Place(ConversationKey(BOT.user_id, ANNA), below=1)
        return self.replies.open(place, PERSON, reply_id=reply_id, manner=self.manner)


@pytest.fixture(params=ADAPTERS, ids=lambda one: f"{one.transport}-{one.format}")
def house(request: pytest.FixtureRequest, redis: Redis) -> Iterator[House]:
    world = a_world()
    world.say(ANNA, ANNA, "why?")
    session = WorldSession(world, RealTime(), latency_s=0)
    bot = Bot(TOKEN, session=session)
    replies = LiveReplies(bot, Governor(redis, BOT.user_id, QUICK), Journal(redis, BOT.user_id), VOICE)
    yield House(replies, request.param, world, session)
    judge(world.calls)


async def _grow(house: House, text: str, *, reply_id: str = "1", has_end: bool = True) -> None:
    async with house.open(reply_id) as reply:
        for end in range(0, len(text), 500):
            reply.show(text[:end])
            await asyncio.sleep(0.01)
        if has_end:
            await reply.finish(text)


def _presses(message: dict[str, Any]) -> list[str]:
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return [button["callback_data"].partition(":")[0] for row in rows for button in row]


async def test_the_answer_is_whole_in_order_and_once(house: House) -> None:
    await _grow(house, LONG)

    assert " ".join(house.texts) == LONG


async def test_only_the_last_message_has_the_buttons_of_an_end(house: House) -> None:
    await _grow(house, LONG)

    *before, last = house.world.bot_messages(ANNA)
    assert [_presses(message) for message in before] == [[]] * len(before)
    assert _presses(last) == ["again"]


async def test_showing_never_waits(house: House) -> None:
    async with house.open() as reply:
        for end in range(len(LONG)):
            reply.show(LONG[:end])

        assert house.world.calls == []


async def test_thinking_never_waits_and_is_no_part_of_the_answer(house: House) -> None:
    async with house.open() as reply:
        reply.think("a thought")
        await reply.finish("the answer")

    assert house.texts == ["the answer"]


async def test_the_messages_are_known_in_order(house: House) -> None:
    async with house.open() as reply:
        await reply.finish(LONG)

        assert reply.message_ids == tuple(one["message_id"] for one in house.world.bot_messages(ANNA))


async def test_nothing_is_sent_after_the_end(house: House) -> None:
    async with house.open() as reply:
        await reply.finish("end")
        calls = len(house.world.calls)
        reply.show("more")
        reply.think("more")
        await reply.stop()
        await asyncio.sleep(0.05)

    assert len(house.world.calls) == calls
    assert house.texts == ["end"]


async def test_a_failure_keeps_the_text_and_says_why(house: House) -> None:
    async with house.open() as reply:
        reply.show("half an answer")
        await reply.fail(ConnectionCut())

    assert house.texts == ["half an answer\n\nConnectionCut in en"]


async def test_a_failure_may_keep_another_text(house: House) -> None:
    async with house.open() as reply:
        reply.show("half an answer")
        await reply.fail(ConnectionCut(), kept=Piece("the earlier answer"))

    assert house.texts == ["the earlier answer\n\nConnectionCut in en"]


async def test_a_stop_keeps_the_text_and_marks_it(house: House) -> None:
    async with house.open() as reply:
        reply.show("half an answer")
        await reply.stop()

    assert house.texts == ["half an answer\n\n(stopped)"]


async def test_a_truncated_answer_is_marked_and_can_be_continued(house: House) -> None:
    async with house.open() as reply:
        await reply.finish("half an answer", is_truncated=True)

    assert house.texts == ["half an answer\n\n(cut)"]
    assert _presses(house.world.bot_messages(ANNA)[0]) == ["more", "again"]


async def test_an_interrupted_reply_is_taken_up_in_the_same_messages(house: House) -> None:
    await _grow(house, LONG, has_end=False)
    before = {message["message_id"] for message in house.world.bot_messages(ANNA)}

    await _grow(house, "Anew. " + LONG)

    assert before <= {message["message_id"] for message in house.world.bot_messages(ANNA)}
    assert " ".join(house.texts) == "Anew. " + LONG


async def test_an_ended_reply_tells_what_it_said(house: House) -> None:
    await _grow(house, "the **answer**")

    async with house.open() as reply:
        assert reply.earlier_answer == "the **answer**"


async def test_another_reply_has_messages_of_its_own(house: House) -> None:
    await _grow(house, "one")
    await _grow(house, "two", reply_id="2")

    assert house.texts == ["one", "two"]


async def test_flood_control_delays_the_end_and_loses_nothing(house: House) -> None:
    house.world.faults.add(Fault.flood(1))

    await _grow(house, "answer")

    assert house.texts == ["answer"]
    assert house.session.knocks == 0


async def test_a_send_that_is_broken_off_is_noted_nevertheless(house: House) -> None:
    house.session.travel(0.1)

    async def broken_off() -> None:
        async with house.open() as reply:
            await reply.finish("the answer")

    task = asyncio.create_task(broken_off())
    await asyncio.sleep(0.07)
    task.cancel()
    await asyncio.wait([task])
    await _grow(house, "the answer")

    assert house.texts == ["the answer"]
