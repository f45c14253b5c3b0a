from redis.asyncio import Redis

from bot.replies.journal import KEEP_S, Journal
from tests.tools.reply_stage import AwayRedis


async def test_a_new_reply_is_blank(redis: Redis) -> None:
    entry = await Journal(redis).open(42, "update:1")

    assert (entry.message_ids, entry.answer) == ((), None)


async def test_what_was_written_is_read(redis: Redis) -> None:
    entry = await Journal(redis).open(42, "update:1")
    await entry.write((7, 8))

    again = await Journal(redis).open(42, "update:1")

    assert (again.message_ids, again.answer) == ((7, 8), None)


async def test_the_end_is_remembered(redis: Redis) -> None:
    entry = await Journal(redis).open(42, "update:1")
    await entry.write((7,), answer="text")

    assert (await Journal(redis).open(42, "update:1")).answer == "text"


async def test_entries_are_apart_and_expire(redis: Redis) -> None:
    entry = await Journal(redis).open(42, "update:1")
    await entry.write((7,))

    assert (await Journal(redis).open(42, "update:2")).message_ids == ()
    assert (await Journal(redis).open(43, "update:1")).message_ids == ()
    assert 0 < await redis.ttl("{govorun:42}:reply:update:1") <= KEEP_S


async def test_without_redis_the_reply_goes_on() -> None:
    entry = await Journal(AwayRedis()).open(42, "update:1")

    await entry.write((7,))

    assert entry.message_ids == ()
