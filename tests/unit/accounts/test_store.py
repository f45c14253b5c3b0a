from dataclasses import replace

import pytest
from redis.asyncio import Redis

from bot.accounts import Entry, RedisAccounts
from bot.errors import StoreError
from bot.types import Expense, ModelChoice, ModelSpec, Person, Price, Usage, Work
from tests.tools.clock import FakeClock
from tests.tools.redis_server import RedisProcess

NOON = 1_795_867_200.0
"""28 November 2026, 12:00 UTC."""
DAY_S = 86_400
ANNA, BORIS = Person(1, "Anna", "en"), Person(2, "Борис", "ru")
LITE = ModelChoice("lite", spec=ModelSpec("lite", "lite", price=Price(0.2, 0.4)))
SPENT = Expense(ANNA, "assistant", LITE, Work.TEXT, NOON, Usage(1000, 500))


def accounts_of(redis: Redis, clock: FakeClock) -> RedisAccounts:
    return RedisAccounts(redis, 42, "Europe/Moscow", clock=clock)


@pytest.fixture
def clock() -> FakeClock:
    clock = FakeClock()
    clock.now = NOON
    return clock


async def test_what_was_booked_is_summed_up(redis: Redis, clock: FakeClock) -> None:
    accounts = accounts_of(redis, clock)

    for number in range(3):
        await accounts.book(SPENT, expense_id=str(number))

    (entry,) = await accounts.spent(1)
    assert entry == Entry(1, "assistant", "lite", Work.TEXT, 3, 3000, 1500, 1.2)


async def test_the_same_expense_is_booked_once(redis: Redis, clock: FakeClock) -> None:
    accounts = accounts_of(redis, clock)
    await accounts.book(SPENT, expense_id="1")

    await accounts.book(replace(SPENT, at=NOON + DAY_S), expense_id="1")

    assert [entry.requests for entry in await accounts.spent(30)] == [1]


async def test_what_was_booked_is_forgotten_after_a_day_and_its_sums_are_not(
    redis: Redis, clock: FakeClock
) -> None:
    accounts = accounts_of(redis, clock)
    await accounts.book(SPENT, expense_id="1")
    clock.now += DAY_S + 1

    await accounts.book(replace(SPENT, at=clock.now), expense_id="2")

    assert await redis.zcard("{govorun:42}:booked") == 1
    assert [entry.requests for entry in await accounts.spent(2)] == [2]


async def test_days_begin_at_the_operators_midnight(redis: Redis, clock: FakeClock) -> None:
    accounts = accounts_of(redis, clock)
    await accounts.book(replace(SPENT, at=NOON - 15 * 3600 - 1), expense_id="yesterday, 23:59 in Moscow")
    await accounts.book(replace(SPENT, at=NOON - 15 * 3600), expense_id="today, 00:00 in Moscow")

    today, both = await accounts.spent(1), await accounts.spent(2)

    assert (today[0].requests, both[0].requests) == (1, 2)


async def test_each_sees_what_was_theirs_and_the_dearest_comes_first(redis: Redis, clock: FakeClock) -> None:
    accounts = accounts_of(redis, clock)
    await accounts.book(SPENT, expense_id="1")
    dear = replace(SPENT, person=BORIS, prompt="рис:унки", usage=Usage(9000, 0))
    await accounts.book(dear, expense_id="2")

    everybody, annas = await accounts.spent(1), await accounts.spent(1, 1)

    assert [(entry.person_id, entry.prompt) for entry in everybody] == [(2, "рис:унки"), (1, "assistant")]
    assert [entry.person_id for entry in annas] == [1]
    assert await accounts.names([1, 2, 3]) == {1: "Anna", 2: "Борис"}
    assert await accounts.names([]) == {}


async def test_everything_is_forgotten_some_day(redis: Redis, clock: FakeClock) -> None:
    await accounts_of(redis, clock).book(SPENT, expense_id="1")

    assert all([0 < await redis.ttl(key) <= 400 * DAY_S for key in await redis.keys()])


async def test_a_store_that_is_away_is_a_store_error(mortal_redis: RedisProcess, clock: FakeClock) -> None:
    async with Redis.from_url(mortal_redis.url, retry=None, decode_responses=True) as redis:
        accounts = accounts_of(redis, clock)
        mortal_redis.kill()

        with pytest.raises(StoreError):
            await accounts.book(SPENT, expense_id="1")
        with pytest.raises(StoreError):
            await accounts.spent(1)
