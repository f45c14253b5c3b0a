"""The ports `Orders` and `TakenOrders`: one suite for all adapters, seen by two replicas at once."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis

from bot.history.orders import RedisOrders
from bot.orders import Begun, Order, Standing, TakenOrders
from bot.types import ConversationKey, DialogueKey, Ending, Part, Person, Piece, Place, Usage
from tests.tools.clock import FakeClock
from tests.tools.later import ANSWER
from tests.tools.orders import HERE, MemoryOrders, Shelf, an_order

LEASE_S = 0.4
TOPIC = ConversationKey(42, -5, 7)
OTHER_TOPIC = ConversationKey(42, -5, 8)


@dataclass
class Replicas:
    """Two replicas of the bot before one store."""

    one: TakenOrders
    other: TakenOrders
    passes: Callable[[float], Awaitable[None]]
    """Lets seconds pass."""

    async def placed(self, *orders: Order, look_in_s: float = 0) -> None:
        for order in orders:
            assert await self.one.begin(order) is Begun.NEW
            assert await self.one.place(order, f"operation {order.id}", look_in_s=look_in_s)

    async def taken(self, *orders: Order) -> list[Order]:
        """Place these, and let the first replica take them; returns them in this order."""
        await self.placed(*orders)
        found = {order.id: order for order in await self.one.take(9)}
        return [found[order.id] for order in orders]


def in_redis(redis: Redis) -> Replicas:
    one, other = (
        RedisOrders(redis, 42, holder=holder, lease_s=LEASE_S, most_of_person=3) for holder in ("one", "other")
    )
    return Replicas(one, other, asyncio.sleep)


def in_memory(_: Redis) -> Replicas:
    clock = FakeClock()
    shelf = Shelf(clock)
    one, other = (MemoryOrders(shelf, name, lease_s=LEASE_S, most_of_person=3) for name in ("one", "other"))
    return Replicas(one, other, clock.sleep)


@pytest.fixture(params=[in_redis, in_memory])
def replicas(request: pytest.FixtureRequest, redis: Redis) -> Replicas:
    made: Replicas = request.param(redis)
    return made


def ids(orders: Sequence[Order]) -> list[str]:
    return [order.id for order in orders]


TEXTS = st.text(max_size=30)  # st.text() has no surrogates
PLACES = st.builds(
    ConversationKey,
    st.just(42),
    st.integers(-(2**50), 2**50),
    st.none() | st.integers(1, 2**31),
    st.none() | st.text("abc", min_size=1),
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    where=PLACES,
    text=TEXTS,
    person=st.builds(Person, st.integers(-(2**52), 2**52), TEXTS, st.sampled_from(["ru", "en"])),
    parts=st.lists(st.builds(Part, st.integers(1, 2**31), TEXTS, TEXTS, TEXTS), max_size=2).map(tuple),
    asked_at=st.floats(0, 2**40),
)
async def test_an_order_comes_back_as_it_went(
    replicas: Replicas,
    where: ConversationKey,
    text: str,
    person: Person,
    parts: tuple[Part, ...],
    asked_at: float,
) -> None:
    order = an_order(1, asked_at, text=text, place=Place(where, is_group=True), person=person, parts=parts)
    await replicas.one.end(order.id)
    fresh = replace(order, question=replace(order.question, id=f"{where.slug}:{hash(order)}"))

    if await replicas.one.begin(fresh) is Begun.NEW:
        assert await replicas.other.find(fresh.id) == fresh
    await replicas.one.end(fresh.id)


async def test_an_order_is_begun_once(replicas: Replicas) -> None:
    order = an_order()

    assert await replicas.one.begin(order) is Begun.NEW
    assert await replicas.other.begin(order) is Begun.KNOWN

    known = await replicas.other.find(order.id)
    assert known is not None
    assert (known.standing, known.operation_id) == (Standing.BEGUN, "")
    assert await replicas.one.pending(HERE) == ()
    assert await replicas.one.take(9) == []


async def test_what_is_placed_is_pending_until_it_is_over(replicas: Replicas) -> None:
    order = an_order()
    await replicas.placed(order)

    (pending,) = await replicas.other.pending(HERE)

    assert (pending.standing, pending.operation_id) == (Standing.PLACED, f"operation {order.id}")
    await replicas.one.end(order.id)
    assert await replicas.other.pending(HERE) == ()
    assert await replicas.other.find(order.id) is None
    assert await replicas.other.begin(order) is Begun.OVER
    assert await replicas.one.take(9) == []


async def test_what_was_surely_not_sent_may_be_begun_again(replicas: Replicas) -> None:
    order = an_order(1)
    await replicas.one.begin(order)

    await replicas.one.withdraw(order.id)

    assert await replicas.other.begin(order) is Begun.NEW
    await replicas.placed(placed := an_order(2))
    await replicas.one.withdraw(placed.id)
    assert await replicas.one.find(placed.id) is not None


async def test_what_was_given_up_meanwhile_is_not_placed(replicas: Replicas) -> None:
    order = an_order()
    await replicas.one.begin(order)
    await replicas.other.end(order.id)

    assert not await replicas.one.place(order, "late", look_in_s=0)

    assert await replicas.one.pending(HERE) == ()


async def test_to_place_it_again_with_the_same_operation_changes_nothing(replicas: Replicas) -> None:
    order = an_order()
    await replicas.placed(order)

    assert await replicas.one.place(order, f"operation {order.id}", look_in_s=9)
    assert not await replicas.one.place(order, "another", look_in_s=9)

    assert len(await replicas.one.take(9)) == 1


async def test_the_person_is_told_once(replicas: Replicas) -> None:
    await replicas.placed(an_order())

    await replicas.one.told(an_order().id)

    assert [order.is_told for order in await replicas.other.pending(HERE)] == [True]


async def test_each_conversation_has_a_queue_of_its_own_oldest_first(replicas: Replicas) -> None:
    placed = [an_order(1, 30, where=TOPIC), an_order(2, 20, where=OTHER_TOPIC), an_order(3, 10, where=TOPIC)]
    await replicas.placed(*placed)

    assert ids(await replicas.one.pending(TOPIC)) == [placed[2].id, placed[0].id]
    assert ids(await replicas.one.pending(OTHER_TOPIC)) == [placed[1].id]


async def test_nobody_may_have_too_many(replicas: Replicas) -> None:
    await replicas.placed(*map(an_order, (1, 2, 3)))

    assert await replicas.one.begin(an_order(4)) is Begun.FULL
    assert await replicas.one.begin(an_order(5), instead_of=an_order(3).id) is Begun.NEW
    await replicas.one.end(an_order(1).id)
    assert await replicas.one.begin(an_order(6)) is Begun.NEW


async def test_an_order_is_taken_by_one_replica_when_it_is_due(replicas: Replicas) -> None:
    await replicas.placed(an_order(), look_in_s=0.2)
    assert await replicas.one.take(9) == []

    await replicas.passes(0.25)

    assert [len(await one.take(9)) for one in (replicas.one, replicas.other)] == [1, 0]


async def test_no_more_are_taken_than_wanted_the_longest_due_first(replicas: Replicas) -> None:
    for number in (1, 2, 3):
        await replicas.placed(an_order(number))
        await replicas.passes(0.01)

    assert ids(await replicas.one.take(2)) == [an_order(1).id, an_order(2).id]
    assert ids(await replicas.other.take(2)) == [an_order(3).id]
    assert await replicas.other.take(0) == []


async def test_what_a_replica_that_died_had_taken_is_taken_over(replicas: Replicas) -> None:
    await replicas.taken(an_order())
    await replicas.passes(LEASE_S + 0.1)

    (taken,) = await replicas.other.take(9)

    assert taken.takes == 2
    assert await replicas.one.renew([taken.id]) == {taken.id}
    assert await replicas.other.renew([taken.id]) == set()
    assert not await replicas.one.answered(taken.id, ANSWER)


async def test_signs_of_life_keep_it(replicas: Replicas) -> None:
    (taken,) = await replicas.taken(an_order())
    for _ in range(3):
        await replicas.passes(LEASE_S * 0.6)
        assert await replicas.one.renew([taken.id]) == set()

    assert await replicas.other.take(9) == []


async def test_what_is_over_is_lost(replicas: Replicas) -> None:
    (taken,) = await replicas.taken(an_order())

    await replicas.other.end(taken.id)

    assert await replicas.one.renew([taken.id]) == {taken.id}
    assert await replicas.one.renew([]) == set()


async def test_what_is_given_back_is_looked_at_later_with_its_counts(replicas: Replicas) -> None:
    (taken,) = await replicas.taken(an_order())

    await replicas.one.release(replace(taken, looks=3, failures=1), look_in_s=0.2)

    assert await replicas.other.take(9) == []
    await replicas.passes(0.25)
    (again,) = await replicas.other.take(9)
    assert (again.looks, again.failures, again.takes) == (3, 1, 1)


async def test_only_its_holder_can_give_it_back(replicas: Replicas) -> None:
    (taken,) = await replicas.taken(an_order())

    await replicas.other.release(taken, look_in_s=0)

    assert await replicas.other.take(9) == []


async def test_its_answer_is_kept_for_whoever_goes_on(replicas: Replicas) -> None:
    (taken,) = await replicas.taken(an_order())
    answer = Piece("Половина 🦜", Ending.TRUNCATED, Usage(3, 2, 1), "v1")

    assert await replicas.one.answered(taken.id, answer)
    await replicas.one.delivered(taken.id, (7, 8))

    known = await replicas.other.find(taken.id)
    assert known is not None
    assert (known.answer, known.message_ids) == (answer, (7, 8))


async def test_a_cancelled_order_leaves_the_queue_and_is_due_at_once(replicas: Replicas) -> None:
    order = an_order()
    await replicas.placed(order, look_in_s=99)

    assert await replicas.one.cancel(order.id)

    assert await replicas.one.pending(HERE) == ()
    assert [one.standing for one in await replicas.other.take(9)] == [Standing.CANCELLED]
    assert not await replicas.other.answered(order.id, ANSWER)
    assert await replicas.one.cancel(order.id)


async def test_it_is_too_late_to_cancel_what_is_answered_or_over_or_only_begun(replicas: Replicas) -> None:
    (taken,) = await replicas.taken(an_order(1))
    await replicas.one.answered(taken.id, ANSWER)
    await replicas.one.begin(an_order(2))

    assert [await replicas.one.cancel(one) for one in (taken.id, an_order(2).id, "unknown")] == [False] * 3

    await replicas.one.end(taken.id)
    assert not await replicas.one.cancel(taken.id)


async def test_what_takes_the_place_of_an_order_cancels_it_in_the_same_step(replicas: Replicas) -> None:
    await replicas.placed(an_order(1), look_in_s=99)

    await replicas.one.begin(an_order(2), instead_of=an_order(1).id)

    old = await replicas.one.find(an_order(1).id)
    assert old is not None
    assert old.standing is Standing.CANCELLED


async def test_one_answer_at_a_time_is_delivered_in_a_conversation(replicas: Replicas) -> None:
    first, second, elsewhere = await replicas.taken(an_order(1), an_order(2), an_order(3, where=TOPIC))

    assert [await replicas.one.occupy(one) for one in (first, first, second, elsewhere)] == [
        True,
        True,
        False,
        True,
    ]

    await replicas.one.end(first.id)
    assert await replicas.one.occupy(second)


async def test_a_conversation_is_free_again_when_a_delivery_is_given_back_or_dies(replicas: Replicas) -> None:
    first, second = await replicas.taken(an_order(1), an_order(2))
    await replicas.one.occupy(first)
    await replicas.one.release(first, look_in_s=99)
    assert await replicas.one.occupy(second)

    await replicas.passes(LEASE_S + 0.1)

    (third,) = (one for one in await replicas.other.take(9) if one.id == second.id)
    assert await replicas.other.occupy(third)


async def test_a_delivery_with_signs_of_life_keeps_its_conversation(replicas: Replicas) -> None:
    first, second = await replicas.taken(an_order(1), an_order(2))
    await replicas.one.occupy(first)
    for _ in range(2):
        await replicas.passes(LEASE_S * 0.6)
        await replicas.one.renew(ids([first, second]))

    assert not await replicas.one.occupy(second)


async def test_a_dialogue_that_is_forgotten_remembers_no_answer_on_its_way(replicas: Replicas) -> None:
    await replicas.placed(an_order(1), replace(an_order(2), prompt="raven"))

    await replicas.one.forget(DialogueKey(HERE, "parrot"))

    found = {order.prompt: order.is_forgotten for order in await replicas.one.pending(HERE)}
    assert found == {"parrot": True, "raven": False}


async def test_of_what_is_over_nothing_more_is_written_down(replicas: Replicas) -> None:
    await replicas.placed(an_order())
    await replicas.one.end(an_order().id)

    await replicas.one.told(an_order().id)
    await replicas.one.delivered(an_order().id, (1,))
    await replicas.one.end(an_order().id)

    assert await replicas.one.find(an_order().id) is None
    assert await replicas.one.begin(an_order()) is Begun.OVER
