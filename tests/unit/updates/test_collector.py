"""The collector in virtual time: leases, takeovers, what is put off, what is given up, and the stop."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.errors import ChatGone, DeliveryError, DeliveryTimeout, StoreError
from bot.orders import Order
from bot.updates.collector import Attend, Collector, Terms
from tests.tools.orders import MemoryOrders, Shelf, an_order
from tests.tools.virtual_time import VirtualTime

TERMS = Terms(lease_s=8, pause_s=0.5, stop_timeout_s=0.05)


class Stage:
    """Collectors of several replicas before one shelf; what they attended to is noted with its time."""

    def __init__(self) -> None:
        self.time = VirtualTime()
        self.shelf = Shelf(self.time.clock)
        self.attended: list[tuple[float, str]] = []
        self.apologies: list[str] = []
        self.replicas: list[MemoryOrders] = []

    def collector(self, attend: Attend, terms: Terms = TERMS) -> Collector:
        async def noted(order: Order) -> float | None:
            self.attended.append((self.time.now, order.id))
            return await attend(order)

        async def apologise(order: Order) -> None:
            self.apologies.append(order.id)

        orders = MemoryOrders(self.shelf, f"replica {len(self.replicas)}", lease_s=terms.lease_s)
        self.replicas.append(orders)
        return Collector(orders, noted, apologise, terms, sleep=self.time.sleep)

    async def placed(self, *numbers: int, look_in_s: float = 0) -> None:
        orders = MemoryOrders(self.shelf)
        for number in numbers:
            order = an_order(number)
            await orders.begin(order)
            await orders.place(order, f"operation {number}", look_in_s=look_in_s)

    def play(self, story: Coroutine[Any, Any, None]) -> None:
        asyncio.run(self.time.run(story))

    @property
    def times(self) -> list[float]:
        return [at for at, _ in self.attended]


@pytest.fixture
def stage() -> Stage:
    return Stage()


def ending(stage: Stage) -> Attend:
    """An attendance that brings every order to its end."""

    async def attend(order: Order) -> float | None:
        await stage.replicas[0].end(order.id)
        return None

    return attend


def raising(*errors: Exception) -> Attend:
    """An attendance that fails, each time in another way and then for ever in the last."""
    left = list(errors)

    async def attend(_: Order) -> float | None:
        raise left.pop(0) if len(left) > 1 else left[0]

    return attend


async def collecting(stage: Stage, seconds: float, *collectors: Collector) -> None:
    """Let collectors work for so long, and stop them."""
    running = [asyncio.create_task(one.run()) for one in collectors]
    await stage.time.sleep(seconds)
    for one in collectors:
        one.stop()
    await asyncio.gather(*running)


def test_an_order_is_attended_to_when_it_is_due_and_then_over(stage: Stage) -> None:
    async def story() -> None:
        await stage.placed(1, look_in_s=10)
        await collecting(stage, 30, stage.collector(ending(stage)))

    stage.play(story())

    assert stage.attended == [(10.0, "1:1")]
    assert (stage.shelf.orders, stage.shelf.due) == ({}, {})


def test_it_is_looked_at_again_when_it_should_be(stage: Stage) -> None:
    async def later(order: Order) -> float | None:
        return 10.0 * (order.looks + 1)

    async def story() -> None:
        await stage.placed(1)
        await collecting(stage, 65, stage.collector(later))

    stage.play(story())

    assert stage.times == [0, 10, 30, 60]


def test_two_replicas_share_the_orders_and_none_is_attended_to_twice(stage: Stage) -> None:
    async def slowly(order: Order) -> float | None:
        await stage.time.sleep(30)
        await stage.replicas[0].end(order.id)
        return None

    async def story() -> None:
        await stage.placed(*range(6))
        few = Terms(concurrency=3, lease_s=8, stop_timeout_s=0.05)
        await collecting(stage, 60, *(stage.collector(slowly, few) for _ in range(2)))

    stage.play(story())

    assert sorted(order_id for _, order_id in stage.attended) == [f"1:{number}" for number in range(6)]
    assert set(stage.times) == {0}


def test_what_a_replica_that_died_had_taken_is_taken_over_after_the_lease(stage: Stage) -> None:
    async def hang(_: Order) -> float | None:
        await stage.time.sleep(1000)
        return None

    async def story() -> None:
        await stage.placed(1)
        dead = asyncio.create_task(stage.collector(hang).run())
        await stage.time.sleep(1)
        stage.replicas[0].trouble = StoreError("it is dead, and nobody hears it any more")
        await collecting(stage, 20, stage.collector(raising(ChatGone("told"))))
        dead.cancel()
        await asyncio.wait({dead})

    stage.play(story())

    assert [order_id for _, order_id in stage.attended] == ["1:1", "1:1"]
    assert 8 <= stage.times[1] <= 9


def test_what_others_hold_is_not_taken_when_redis_was_away_for_longer_than_a_lease(stage: Stage) -> None:
    async def hang(_: Order) -> float | None:
        await stage.time.sleep(1000)
        return None

    async def story() -> None:
        await stage.placed(1)
        both = [asyncio.create_task(stage.collector(hang).run()) for _ in range(2)]
        await stage.time.sleep(1)
        for orders in stage.replicas:
            orders.trouble = StoreError("away")
        await stage.time.sleep(20.25)
        for orders in reversed(stage.replicas):
            orders.trouble = None
            await stage.time.sleep(1)
        await stage.time.sleep(20)
        for collecting_one in both:
            collecting_one.cancel()
        await asyncio.wait(both)

    stage.play(story())

    assert stage.attended == [(0.0, "1:1")]


def test_an_order_that_was_lost_is_put_down(stage: Stage) -> None:
    cancelled: list[str] = []

    async def hang(order: Order) -> float | None:
        try:
            await stage.time.sleep(1000)
        except asyncio.CancelledError:
            cancelled.append(order.id)
            raise
        return None

    async def story() -> None:
        await stage.placed(1)
        collector = stage.collector(hang)
        running = asyncio.create_task(collector.run())
        await stage.time.sleep(1)
        await MemoryOrders(stage.shelf, "another").end("1:1")
        await stage.time.sleep(5)
        assert cancelled == ["1:1"]
        collector.stop()
        await running

    stage.play(story())


def test_late_signs_of_life_do_not_begin_anything_twice(stage: Stage) -> None:
    async def hang(order: Order) -> float | None:
        await stage.time.sleep(20)
        await stage.replicas[0].end(order.id)
        return None

    async def story() -> None:
        await stage.placed(1)
        collector = stage.collector(hang)
        running = asyncio.create_task(collector.run())
        await stage.time.sleep(1)
        stage.shelf.due["1:1"] = 0
        await stage.time.sleep(30)
        collector.stop()
        await running

    stage.play(story())

    assert stage.attended == [(0.0, "1:1")]


@pytest.mark.parametrize(
    ("error", "again_at"),
    [
        (StoreError("away"), 0.5),
        (DeliveryTimeout("flood", 12), 12),
        (DeliveryTimeout("flood", 9999), 30),
        (DeliveryTimeout("away"), 0.5),
    ],
)
def test_what_is_put_off_is_attended_to_again(stage: Stage, error: Exception, again_at: float) -> None:
    async def story() -> None:
        await stage.placed(1)
        await collecting(stage, 40, stage.collector(raising(error, ChatGone("over"))))

    stage.play(story())

    assert stage.times == [0, again_at]
    assert stage.apologies == []


@pytest.mark.parametrize("error", [ChatGone("blocked"), DeliveryError("refused")])
def test_what_telegram_will_never_take_is_given_up(stage: Stage, error: DeliveryError) -> None:
    async def story() -> None:
        await stage.placed(1)
        await collecting(stage, 40, stage.collector(raising(error)))

    stage.play(story())

    assert (stage.times, stage.shelf.over) == ([0], {"1:1"})


def test_what_breaks_again_and_again_is_buried_with_an_apology(stage: Stage) -> None:
    async def story() -> None:
        await stage.placed(1)
        await collecting(stage, 60, stage.collector(raising(ValueError("poison"))))

    with capture_logs() as logs:
        stage.play(story())

    assert len(stage.attended) == TERMS.failures
    assert (stage.apologies, stage.shelf.over) == (["1:1"], {"1:1"})
    assert "order buried" in [line["event"] for line in logs]


def test_an_apology_that_fails_does_not_keep_it_alive(stage: Stage) -> None:
    async def broken(_: Order) -> None:
        raise ChatGone("blocked")

    async def story() -> None:
        await stage.placed(1)
        orders = MemoryOrders(stage.shelf)
        poison = raising(ValueError("poison"))
        await collecting(stage, 60, Collector(orders, poison, broken, TERMS, sleep=stage.time.sleep))

    stage.play(story())

    assert stage.shelf.over == {"1:1"}


def test_what_no_process_survives_is_buried_unseen(stage: Stage) -> None:
    async def story() -> None:
        await stage.placed(1)
        for _ in range(TERMS.deaths):
            await MemoryOrders(stage.shelf, "one that dies").take(1)
            stage.shelf.due["1:1"] = 0
        await collecting(stage, 5, stage.collector(ending(stage)))

    stage.play(story())

    assert (stage.attended, stage.apologies) == ([], ["1:1"])


def test_what_is_to_be_written_down_is_insisted_on_while_redis_is_away(stage: Stage) -> None:
    async def attend(_: Order) -> float | None:
        stage.replicas[0].trouble = StoreError("away")
        return 1.0

    async def story() -> None:
        await stage.placed(1)
        collector = stage.collector(attend)
        running = asyncio.create_task(collector.run())
        await stage.time.sleep(20)
        stage.replicas[0].trouble = None
        await stage.time.sleep(0.7)
        assert stage.shelf.holders == {}
        collector.stop()
        await running

    stage.play(story())


def test_a_stop_hands_back_what_runs_for_others_to_take_at_once(stage: Stage) -> None:
    async def hang(_: Order) -> float | None:
        await asyncio.Event().wait()
        return None

    async def story() -> None:
        await stage.placed(1)
        await collecting(stage, 1, stage.collector(hang))

    stage.play(story())

    assert stage.shelf.holders == {}
    assert stage.shelf.due["1:1"] <= stage.time.now


def test_a_stop_lets_what_runs_finish_if_there_is_time(stage: Stage) -> None:
    async def a_moment(order: Order) -> float | None:
        collector.stop()
        await asyncio.sleep(0.05)
        await stage.replicas[0].end(order.id)
        return None

    collector = stage.collector(a_moment, Terms(stop_timeout_s=10))

    async def story() -> None:
        await stage.placed(1)
        await collector.run()

    stage.play(story())

    assert stage.shelf.over == {"1:1"}
