"""The whole bot and replicas of its replies under flood control: over HTTP, with a real Redis, in real time."""

import asyncio
import time
from dataclasses import replace

import pytest
from aiogram import Bot
from redis.asyncio import Redis

from bot.replies.governor import Governor
from bot.replies.journal import Journal
from bot.replies.live import LiveReplies
from bot.replies.pace import Pace
from bot.sandbox.telegram.flood import FloodControl, FloodLimits
from bot.sandbox.telegram.world import TelegramWorld
from bot.types import ConversationKey, Person, Place
from tests.tools.house import ANNA, BOT, GROUP, TOKEN, House, a_world, open_house
from tests.tools.reply_stage import VOICE
from tests.tools.telling import ANSWER, WORDS, words_of
from tests.tools.world_session import RealTime, WorldSession

AS_DOCUMENTED = {
    "frame_interval_s": 1.0,
    "private_calls_per_second": 0.95,
    "private_burst": 4,
    "group_calls_per_minute": 16,
    "group_burst": 4,
}
BRISK = Pace(private_calls_per_second=9.5, private_burst=4, frame_interval_s=0.1)
"""Ten times as fast as in production, before a Telegram that is so too."""


def strict_world(limits: FloodLimits | None = None) -> TelegramWorld:
    world = a_world()
    world.state.flood = FloodControl(limits or FloodLimits(), time.time)
    return world


def refusals(world: TelegramWorld) -> int:
    return sum(call.error_code == 429 for call in world.calls)


def assert_whole(house: House, chat_id: int, answer: str) -> None:
    shown = "".join("".join(message["text"].split()) for message in house.world.bot_messages(chat_id))
    assert [word for word in answer.split() if word.strip("*_`#>|-") not in shown] == []


@pytest.mark.parametrize("chat_id", [ANNA, GROUP])
async def test_the_pace_of_production_brings_no_429(redis_url: str, chat_id: int) -> None:
    async with open_house(redis_url, world=strict_world(), replies=AS_DOCUMENTED) as house:
        house.models.token_s = 0.02

        trace = await house.asks("200 words" if chat_id == ANNA else "/ask 200 words", chat_id, ANNA)

        assert_whole(house, chat_id, trace.answer)
        assert (refusals(house.world), house.world.knocks) == (0, 0)
        house.judge()


async def test_whoever_is_too_fast_waits_and_loses_nothing(redis_url: str) -> None:
    world = strict_world(FloodLimits(private_per_s=1, private_burst=3, retry_after_s=1))
    async with open_house(redis_url, world=world) as house:
        house.models.token_s = 0.01

        trace = await house.asks("200 words")

        assert_whole(house, ANNA, trace.answer)
        assert refusals(world) > 0
        assert world.knocks == 0


async def test_replicas_share_one_budget(redis: Redis) -> None:
    world = strict_world(FloodLimits(private_per_s=10, private_burst=5, retry_after_s=1))
    replicas = [_replica(world, redis) for _ in range(2)]

    await asyncio.gather(*(_tells(replies, str(number)) for number, replies in enumerate(replicas)))

    shown = "\n".join(message["text"] for message in world.bot_messages(ANNA))
    assert sorted(words_of(shown)) == sorted(WORDS * 2)
    assert (refusals(world), world.knocks) == (0, 0)


async def test_one_replica_hears_what_flood_control_told_the_other(redis: Redis) -> None:
    world = strict_world(FloodLimits(private_per_s=2, private_burst=2, retry_after_s=1))
    hasty = replace(BRISK, private_calls_per_second=20, private_burst=8)
    replicas = [_replica(world, redis, hasty) for _ in range(2)]

    await asyncio.gather(*(_tells(replies, str(number)) for number, replies in enumerate(replicas)))

    shown = "\n".join(message["text"] for message in world.bot_messages(ANNA))
    assert sorted(words_of(shown)) == sorted(WORDS * 2)
    assert refusals(world) > 0
    # What was on its way when the wait began could not know of it.
    assert world.knocks <= refusals(world)


def _replica(world: TelegramWorld, redis: Redis, pace: Pace = BRISK) -> LiveReplies:
    bot = Bot(TOKEN, session=WorldSession(world, RealTime(), latency_s=0.02))
    return LiveReplies(bot, Governor(redis, BOT.user_id, pace), Journal(redis, BOT.user_id), VOICE)


async def _tells(replies: LiveReplies, reply_id: str) -> None:
    """Let a model write for a second and a half."""
    place = Place(ConversationKey(BOT.user_id, ANNA))
    async with replies.open(place, Person(ANNA, "Anna", "en"), reply_id=reply_id) as reply:
        for number in range(1, 30):
            reply.show(ANSWER[: len(ANSWER) * number // 30])
            await asyncio.sleep(0.05)
        await reply.finish(ANSWER)
