import pytest
from redis.asyncio import Redis

from bot.errors import StoreError
from bot.history import RedisOrders
from bot.types import ConversationKey
from bot.updates.backlog import Backlog, BacklogView
from bot.updates.inbox import RedisInbox
from bot.updates.lanes import Envelope
from tests.tools.orders import an_order
from tests.tools.redis_server import RedisProcess

BOT = 42


def envelope(number: int, chat_id: int | None) -> Envelope:
    conversation = None if chat_id is None else ConversationKey(BOT, chat_id)
    return Envelope(f"{number}:x", conversation, f'{{"update_id":{number}}}', sender_id=chat_id)


@pytest.fixture
async def inbox(redis: Redis) -> RedisInbox:
    box = RedisInbox(redis, BOT, consumer="first")
    await box.open()
    return box


async def test_nothing_was_ever_there(redis: Redis) -> None:
    assert await BacklogView(redis, BOT).look() == Backlog(0, 0, 0, 0, 0, 0)


async def test_all_that_waits_is_counted_once(inbox: RedisInbox, redis: Redis) -> None:
    for number, chat_id in enumerate((1, 1, 2, 3, None)):
        await inbox.put(envelope(number, chat_id))
    (claim,) = await inbox.claim(inbox.ready, 1, wait_ms=1)
    (control,) = await inbox.claim(inbox.control, 1, wait_ms=1)
    await inbox.done(control, why_dead="poison")

    seen = await BacklogView(redis, BOT).look()

    assert (seen.updates, seen.dead_letters) == (4, 1)
    assert (seen.waiting_conversations, seen.claimed_conversations) == (2, 1)
    await inbox.done(claim)
    assert (await BacklogView(redis, BOT).look()).updates == 3


async def test_ages_are_those_of_the_oldest_of_either_kind(inbox: RedisInbox, redis: Redis) -> None:
    seconds, micros = await redis.time()
    now_ms = seconds * 1000 + micros // 1000
    for age_s, chat_id in ((600, 1), (300, 2), (100, 3)):
        await redis.rpush(f"{{govorun:{BOT}}}:waiting:{chat_id}", '{"update_id":1}')
        await redis.xadd(inbox.ready, {"conversation": str(chat_id)}, id=f"{now_ms - age_s * 1000}-0")
    await inbox.claim(inbox.ready, 1, wait_ms=1)

    seen = await BacklogView(redis, BOT).look()

    assert seen.oldest_claimed_s == pytest.approx(600, abs=5)
    assert seen.oldest_waiting_s == pytest.approx(300, abs=5)


async def test_what_is_handed_back_again_and_again_grows_old(inbox: RedisInbox, redis: Redis) -> None:
    seconds, _ = await redis.time()
    await redis.rpush(f"{{govorun:{BOT}}}:waiting:1", '{"update_id":1}')
    await redis.xadd(inbox.ready, {"conversation": "1"}, id=f"{(seconds - 600) * 1000}-0")
    for _ in range(2):
        (claim,) = await inbox.claim(inbox.ready, 1, wait_ms=1)
        assert (await BacklogView(redis, BOT).look()).oldest_claimed_s == pytest.approx(600, abs=5)
        await inbox.release(claim)
        assert (await BacklogView(redis, BOT).look()).oldest_waiting_s == pytest.approx(600, abs=5)


async def test_a_stream_without_workers_has_all_of_it_waiting(inbox: RedisInbox, redis: Redis) -> None:
    await inbox.put(envelope(1, 1))
    await redis.xgroup_destroy(inbox.ready, "workers")

    assert (await BacklogView(redis, BOT).look()).waiting_conversations == 1


async def test_answers_that_were_ordered_are_counted_until_they_are_over(redis: Redis) -> None:
    orders = RedisOrders(redis, BOT, holder="one")
    for number in (1, 2):
        await orders.begin(an_order(number))
        await orders.place(an_order(number), "d7q1", look_in_s=99)
    await orders.end(an_order(1).id)

    assert (await BacklogView(redis, BOT).look()).orders == 1


async def test_redis_away_is_a_store_error(mortal_redis: RedisProcess) -> None:
    async with Redis.from_url(mortal_redis.url, decode_responses=True) as client:
        mortal_redis.kill()

        with pytest.raises(StoreError):
            await BacklogView(client, BOT).look()


async def test_of_very_many_conversations_one_update_each_is_counted(inbox: RedisInbox, redis: Redis) -> None:
    for number, chat_id in enumerate((1, 2, 2, 3, 3, 4)):
        await inbox.put(envelope(number, chat_id))

    assert (await BacklogView(redis, BOT, most=2).look()).updates == 5
    assert (await BacklogView(redis, BOT, most=4).look()).updates == 6


async def test_updates_without_a_limit_are_counted_too(inbox: RedisInbox, redis: Redis) -> None:
    await inbox.put(Envelope("1", ConversationKey(BOT, 1), "{}"))

    assert (await BacklogView(redis, BOT).look()).updates == 1
