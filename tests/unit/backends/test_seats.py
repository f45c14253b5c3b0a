"""Seats that processes share through a real Redis."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from redis.asyncio import Redis

from bot.backends.seats import Seats, Tempo
from bot.redis_client import Address, Client
from tests.tools.hall import LINE, REPLICAS, TAKEN, Hall, crash, revive, seats_in, until
from tests.tools.redis_server import RedisProcess

MANY = 1_000
HASTY = Tempo(lease_s=0.5, renew_every_s=0.1)


@pytest.fixture
async def hall() -> AsyncIterator[Hall]:
    hall = Hall()
    yield hall
    await hall.close()


@pytest.fixture
async def pair(redis: Redis, redis_url: str) -> AsyncIterator[tuple[Seats, Seats]]:
    """Two processes and two seats."""
    async with (
        Redis.from_url(redis_url, decode_responses=True) as other,
        seats_in(redis, 2) as one,
        seats_in(other, 2) as two,
    ):
        yield one, two


@pytest.fixture
async def hasty_pair(redis: Redis, redis_url: str) -> AsyncIterator[tuple[Seats, Seats]]:
    """The same, with leases that end soon."""
    async with (
        Redis.from_url(redis_url, decode_responses=True) as other,
        seats_in(redis, 2, tempo=HASTY) as one,
        seats_in(other, 2, tempo=HASTY) as two,
    ):
        yield one, two


@pytest.fixture
async def lone(redis: Redis) -> AsyncIterator[Seats]:
    """One process and one seat."""
    async with seats_in(redis, 1) as seats:
        yield seats


async def settled() -> None:
    """Let every process hear of everything."""
    await asyncio.sleep(0.3)


async def test_both_processes_together_have_no_more_seats_than_there_are(
    hall: Hall, pair: tuple[Seats, Seats]
) -> None:
    one, two = pair

    for number in range(5):
        hall.ask(one, f"one {number}")
        hall.ask(two, f"two {number}")
    await settled()

    assert one.taken + two.taken == len(hall.seated) == 2


async def test_a_seat_goes_to_the_first_in_line_whatever_process_it_is_in(
    hall: Hall, pair: tuple[Seats, Seats]
) -> None:
    one, two = pair
    hall.ask(one, "a")
    hall.ask(one, "b")
    await settled()
    for seats, name in ((two, "c"), (one, "d"), (two, "e")):
        hall.ask(seats, name)
        await settled()

    for number, name in enumerate("abc", 3):
        hall.leave(name)
        await until(lambda: len(hall.seated) == number)  # noqa: B023 - it is waited for within the loop

    assert hall.seated == ["a", "b", "c", "d", "e"]


async def test_everybody_is_told_the_place_among_all_processes(hall: Hall, pair: tuple[Seats, Seats]) -> None:
    one, two = pair
    for seats, name in ((one, "a"), (one, "b"), (one, "c"), (two, "d"), (one, "e")):
        hall.ask(seats, name)
        await settled()

    await until(lambda: hall.places["e"])
    hall.leave("a")
    await until(lambda: hall.places["e"][1:])

    assert (hall.places["d"], hall.places["e"]) == ([2, 1], [3, 2])
    assert hall.places["a"] == hall.places["b"] == []


async def test_the_tenth_question_of_one_person_stands_behind_the_first_of_another(
    hall: Hall, lone: Seats
) -> None:
    for number in range(1, 11):
        hall.ask(lone, f"anna {number}", 1)
    await settled()
    hall.ask(lone, "boris", 2)

    for number in range(1, 4):
        hall.leave(f"anna {number}")
        await until(lambda: len(hall.seated) > number)  # noqa: B023 - it is waited for within the loop
        if hall.seated[-1] == "boris":
            break

    assert hall.seated.index("boris") <= 2


async def test_two_who_ask_much_are_served_in_turns(hall: Hall, lone: Seats) -> None:
    hall.ask(lone, "first", 9)
    await settled()
    for person in (1, 2):
        for number in range(3):
            hall.ask(lone, f"{person}.{number}", person)
    await settled()

    for _ in range(6):
        hall.leave(hall.seated[-1])
        count = len(hall.seated)
        await until(lambda: len(hall.seated) > count)  # noqa: B023 - it is waited for within the loop

    assert hall.seated[1:] == ["1.0", "2.0", "1.1", "2.1", "1.2", "2.2"]


async def test_who_waits_with_a_second_question_is_not_passed_by_newcomers_for_ever(
    hall: Hall, lone: Seats
) -> None:
    for name in ("anna 1", "anna 2"):
        hall.ask(lone, name, 1)
    await settled()

    for newcomer in range(100, 200):
        hall.ask(lone, str(newcomer), newcomer)
        hall.leave(hall.seated[-1])
        count = len(hall.seated)
        await until(lambda: len(hall.seated) > count)  # noqa: B023 - it is waited for within the loop
        if hall.seated[-1] == "anna 2":
            break

    assert "anna 2" in hall.seated[:12]


async def test_a_question_that_was_given_up_does_not_make_the_next_one_wait(hall: Hall, lone: Seats) -> None:
    hall.ask(lone, "first", 9)
    await settled()
    hall.ask(lone, "a slip", 1)
    await settled()
    hall.leave("a slip")
    await settled()
    hall.ask(lone, "what was meant", 1)
    await settled()
    hall.ask(lone, "later", 2)
    await settled()

    hall.leave("first")
    await until(lambda: hall.seated[1:])

    assert hall.seated == ["first", "what was meant"]


async def test_nobody_in_particular_is_never_one_person(hall: Hall, lone: Seats) -> None:
    for name in "abcd":
        hall.ask(lone, name, 0)
    await settled()
    hall.ask(lone, "e", 5)

    for number, name in enumerate("abcd", 2):
        hall.leave(name)
        await until(lambda: len(hall.seated) == number)  # noqa: B023 - it is waited for within the loop

    assert hall.seated == ["a", "b", "c", "d", "e"]


async def test_the_seat_of_a_process_that_died_comes_back(hall: Hall, hasty_pair: tuple[Seats, Seats]) -> None:
    one, two = hasty_pair
    for name in ("a", "b", "waits where nobody lives"):
        hall.ask(one, name)
    await settled()
    hall.ask(two, "c")
    await settled()

    await crash(one)
    await until(lambda: "c" in hall.seated)
    await settled()

    assert hall.seated == ["a", "b", "c"]
    assert two.waiting == 0


async def test_a_process_that_was_only_frozen_counts_again(
    hall: Hall, redis: Redis, hasty_pair: tuple[Seats, Seats]
) -> None:
    one, two = hasty_pair
    for name in "ab":
        hall.ask(one, name)
    await settled()
    await crash(one)
    hall.ask(two, "c")
    await until(lambda: "c" in hall.seated)

    revive(one)
    await settled()
    hall.leave("c")
    hall.ask(two, "d")
    await settled()

    assert await redis.zcard(TAKEN) == 2
    assert hall.seated == ["a", "b", "c"]


async def test_a_seat_that_is_held_for_long_stays_taken(hall: Hall, hasty_pair: tuple[Seats, Seats]) -> None:
    one, two = hasty_pair
    for name in "ab":
        hall.ask(one, name)
    await settled()
    hall.ask(two, "c")

    await asyncio.sleep(3 * HASTY.lease_s)

    assert hall.seated == ["a", "b"]


async def test_a_clock_that_was_set_back_keeps_no_seat_of_the_dead(hall: Hall, redis: Redis) -> None:
    await redis.zadd(TAKEN, {"gone:1:0": 9e12})
    await redis.zadd(REPLICAS, {"gone": 9e12})

    async with seats_in(redis, 1, tempo=HASTY) as seats:
        hall.ask(seats, "a")
        await until(lambda: hall.seated)


async def test_the_same_news_told_twice_change_nothing(hall: Hall, redis: Redis, lone: Seats) -> None:
    hall.ask(lone, "a", 1)
    hall.ask(lone, "b", 1)
    await settled()
    names = [*lone._seated, *lone._waiting]
    before = await redis.zrange(LINE, 0, -1, withscores=True)

    await lone._told((), names[:1], names[1:])
    await lone._told((), names[:1], names[1:])

    assert await redis.zrange(LINE, 0, -1, withscores=True) == before
    assert await redis.zcard(TAKEN) == 1


async def test_who_leaves_before_redis_has_answered_keeps_no_seat(
    hall: Hall, redis: Redis, lone: Seats
) -> None:
    hall.ask(lone, "a")
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    hall.leave("a")
    await settled()

    assert await redis.zcard(TAKEN) == await redis.zcard(LINE) == 0


async def test_a_closed_process_leaves_nothing_behind(hall: Hall, redis: Redis) -> None:
    async with seats_in(redis, 1) as seats:
        hall.ask(seats, "a")
        hall.ask(seats, "b")
        await settled()

    assert await redis.zcard(TAKEN) == await redis.zcard(LINE) == 0


async def test_a_thousand_in_line_cost_no_more_calls_than_one(hall: Hall, redis: Redis, lone: Seats) -> None:
    for number in range(MANY):
        hall.ask(lone, str(number), number)
    await settled()
    before = await calls(redis)

    await asyncio.sleep(1)

    assert await calls(redis) - before <= 12


async def calls(redis: Redis) -> int:
    told = await redis.info("commandstats")
    return int(told["cmdstat_evalsha"]["calls"])


async def test_a_long_line_keeps_its_order(hall: Hall, lone: Seats) -> None:
    for number in range(100):
        hall.ask(lone, str(number), number + 1)

    for number in range(100):
        await until(lambda: len(hall.seated) > number)  # noqa: B023 - it is waited for within the loop
        hall.leave(str(number))

    assert hall.seated == [str(number) for number in range(100)]


async def test_seats_are_given_away_while_redis_is_away_and_counted_when_it_is_back(
    hall: Hall, mortal_redis: RedisProcess
) -> None:
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(
            Client(Address.of(mortal_redis.url), timeout_s=1, connections=5)
        )
        seats = await stack.enter_async_context(seats_in(client, 1))
        hall.ask(seats, "a")
        await until(lambda: hall.seated)
        mortal_redis.kill()
        hall.ask(seats, "b")
        hall.leave("a")
        await until(lambda: hall.seated == ["a", "b"])
        hall.ask(seats, "c")
        mortal_redis.start()
        await until(lambda: not seats._is_alone)
        assert await client.zcard(TAKEN) == 1
        assert await client.zcard(LINE) == 1

        hall.leave("b")
        await until(lambda: hall.seated == ["a", "b", "c"])


async def test_a_line_that_redis_has_forgotten_forms_anew(hall: Hall, redis: Redis, lone: Seats) -> None:
    hall.ask(lone, "a")
    hall.ask(lone, "b")
    await settled()

    await redis.flushall()
    await asyncio.sleep(0.8)
    hall.leave("a")

    await until(lambda: hall.seated == ["a", "b"])
