import asyncio
import time
from typing import Any

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from bot.errors import StoreError
from bot.history.orders import RedisOrders
from bot.orders import Begun
from bot.types import ConversationKey, Piece
from tests.tools.orders import HERE, an_order
from tests.tools.redis_server import RedisProcess

OLD, NEW = -5, -1_000_000_005
GROUP, TOPIC = ConversationKey(42, OLD), ConversationKey(42, OLD, 7)


@pytest.fixture
def orders(redis: Redis) -> RedisOrders:
    return RedisOrders(redis, 42, holder="one")


async def placed(orders: RedisOrders, *numbers: int, **more: Any) -> None:
    for number in numbers:
        order = an_order(number, **more)
        await orders.begin(order)
        await orders.place(order, f"operation {number}", look_in_s=0)


async def test_looks_keep_the_pace_of_the_service_whoever_makes_them(redis: Redis) -> None:
    replicas = [RedisOrders(redis, 42, holder=name, most_of_person=999) for name in ("one", "other")]
    await placed(replicas[0], *range(200))
    begun_at, taken, took_s = time.monotonic(), 0, 0.0

    while took_s < 1:
        for one in replicas:
            taken += len(await one.take(100))
        took_s = time.monotonic() - begun_at
        await asyncio.sleep(0.01)

    assert 35 <= taken <= 10 + 40 * (took_s + 0.001)


async def test_a_clock_that_was_set_back_holds_up_no_look(orders: RedisOrders, redis: Redis) -> None:
    await placed(orders, 1)
    await redis.set("{govorun:42}:orders-pace", round(time.time() * 1000) + 3_600_000)

    assert len(await orders.take(9)) == 1


async def test_a_call_made_again_because_its_answer_got_lost_is_not_taken_for_another_attempt(
    orders: RedisOrders, redis: Redis
) -> None:
    class Stammering:
        """Makes every call twice and tells of the second."""

        def __init__(self, script: Any) -> None:
            self._script = script

        async def __call__(self, **call: Any) -> Any:
            await self._script(**call)
            return await self._script(**call)

    orders._scripts = {name: Stammering(script) for name, script in orders._scripts.items()}  # type: ignore[misc]

    assert await orders.begin(an_order()) is Begun.NEW
    assert await orders.place(an_order(), "d7q1", look_in_s=9)
    assert await orders.cancel(an_order().id)
    await orders.end(an_order().id)
    assert await orders.begin(an_order()) is Begun.OVER
    assert await redis.ttl("{govorun:42}:order:1:1") > 86_400


async def test_nothing_is_left_of_an_order_but_that_it_is_over_and_that_for_two_days(
    orders: RedisOrders, redis: Redis
) -> None:
    await placed(orders, 1)
    (taken,) = await orders.take(9)
    await orders.answered(taken.id, Piece("Polly"))
    await orders.occupy(taken)

    await orders.end(taken.id)

    left = {str(key) for key in await redis.keys()} - {"{govorun:42}:orders-pace"}
    assert left == {"{govorun:42}:order:1:1"}
    assert 0 < await redis.ttl("{govorun:42}:order:1:1") <= 2 * 86_400


async def test_an_order_that_was_begun_and_left_by_everybody_is_forgotten(
    orders: RedisOrders, redis: Redis
) -> None:
    await orders.begin(an_order())
    assert await redis.ttl("{govorun:42}:order:1:1") > 0

    await orders.place(an_order(), "d7q1", look_in_s=0)

    assert await redis.ttl("{govorun:42}:order:1:1") == -1


async def test_a_supergroup_keeps_the_orders_of_all_topics(orders: RedisOrders) -> None:
    await placed(orders, 1, where=GROUP)
    await placed(orders, 2, where=TOPIC)

    for _ in range(2):
        await orders.migrate(OLD, NEW)

    assert await orders.pending(GROUP) == await orders.pending(TOPIC) == ()
    (moved,) = await orders.pending(TOPIC.moved_to(NEW))
    assert (moved.place.conversation, moved.place.reply_to) == (TOPIC.moved_to(NEW), None)
    assert len(await orders.take(9)) == 2
    await orders.end(moved.id)
    assert await orders.pending(TOPIC.moved_to(NEW)) == ()


async def test_a_chat_that_stays_where_it_is_keeps_its_orders(orders: RedisOrders) -> None:
    await placed(orders, 1, where=GROUP)

    await orders.migrate(OLD, OLD)

    assert len(await orders.pending(GROUP)) == 1


async def test_a_corrupt_order_is_told_and_thrown_away(orders: RedisOrders, redis: Redis) -> None:
    await placed(orders, 1, 2)
    await redis.hset("{govorun:42}:order:1:1", "asked", '{"question": 5}')

    with capture_logs() as logs:
        taken = await orders.take(9)

    assert [order.id for order in taken] == ["1:2"]
    assert "corrupt order skipped" in [line["event"] for line in logs]
    assert await orders.begin(an_order(1)) is Begun.OVER


async def test_what_stands_in_the_list_without_an_order_is_taken_off(orders: RedisOrders, redis: Redis) -> None:
    await placed(orders, 1)
    await redis.delete("{govorun:42}:order:1:1")

    assert await orders.take(9) == []
    assert await orders.pending(HERE) == ()
    assert not await redis.exists("{govorun:42}:orders-due")


async def test_half_a_character_does_not_keep_an_order_from_being_kept(orders: RedisOrders) -> None:
    order = an_order(text="\ud83e")

    await orders.begin(order)

    found = await orders.find(order.id)
    assert found is not None
    assert found.question.text == "?"


async def test_redis_away_is_a_store_error(mortal_redis: RedisProcess) -> None:
    async with Redis.from_url(mortal_redis.url, decode_responses=True) as client:
        orders = RedisOrders(client, 42, holder="one")
        mortal_redis.kill()

        for step in (orders.find("1"), orders.begin(an_order()), orders.take(1), orders.end("1")):
            with pytest.raises(StoreError):
                await step
