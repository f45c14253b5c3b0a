"""Seats while Redis is away, in virtual time: each process counts its own."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.backends.seats import Seats
from tests.tools.hall import Hall, seats_in
from tests.tools.reply_stage import AwayRedis
from tests.tools.virtual_time import VirtualTime

Story = Callable[[Hall, Seats, VirtualTime], Coroutine[Any, Any, None]]


def play(story: Story, size: int = 2) -> Hall:
    """Play a story with the seats of a process that is alone."""
    hall, time = Hall(), VirtualTime()

    async def opened() -> None:
        async with seats_in(AwayRedis(), size, time) as seats:
            await story(hall, seats, time)
            await hall.close()

    asyncio.run(time.run(opened()))
    return hall


def test_no_more_are_seated_than_there_are_seats() -> None:
    async def story(hall: Hall, seats: Seats, time: VirtualTime) -> None:
        for name in "abcd":
            hall.ask(seats, name)
        await time.sleep(1)
        assert (seats.taken, seats.waiting) == (2, 2)

    assert play(story).seated == ["a", "b"]


def test_who_came_first_is_seated_first() -> None:
    async def story(hall: Hall, seats: Seats, time: VirtualTime) -> None:
        for name in "abcde":
            hall.ask(seats, name)
        await time.sleep(1)
        for name in "ab":
            hall.leave(name)
            await time.sleep(0)

    assert play(story).seated == ["a", "b", "c", "d"]


def test_a_seat_is_handed_over_without_time_passing() -> None:
    async def story(hall: Hall, seats: Seats, time: VirtualTime) -> None:
        hall.ask(seats, "a")
        hall.ask(seats, "b")
        await time.sleep(5)
        before = time.now
        hall.leave("a")
        for _ in range(20):
            await asyncio.sleep(0)
        assert (hall.seated, time.now) == (["a", "b"], before)

    play(story, size=1)


def test_who_leaves_the_line_is_passed_over() -> None:
    async def story(hall: Hall, seats: Seats, time: VirtualTime) -> None:
        for name in "abc":
            hall.ask(seats, name)
        await time.sleep(1)
        hall.leave("b", "a")
        await time.sleep(1)
        assert seats.waiting == 0

    assert play(story, size=1).seated == ["a", "c"]


def test_a_short_wait_is_told_nothing_and_a_long_one_each_place() -> None:
    async def story(hall: Hall, seats: Seats, time: VirtualTime) -> None:
        for name in "abc":
            hall.ask(seats, name)
        await time.sleep(0.8)
        assert hall.places["c"] == []
        await time.sleep(3)
        hall.leave("a")
        await time.sleep(3)

    assert play(story, size=1).places["c"] == [2, 1]


def test_nobody_waits_longer_than_the_limit() -> None:
    async def story(hall: Hall, seats: Seats, time: VirtualTime) -> None:
        hall.ask(seats, "a")
        hall.ask(seats, "b")
        await time.sleep(59)
        hall.ask(seats, "c")
        assert hall.gave_up == []
        await time.sleep(2)
        assert hall.gave_up == ["b"]

    assert play(story, size=1).gave_up == ["b"]


def test_the_seconds_of_every_wait_are_counted() -> None:
    time, waits = VirtualTime(), list[float]()

    async def story() -> None:
        seats = Seats(AwayRedis(), 42, 1, when_seated=waits.append, clock=time.clock, sleep=time.sleep)
        async with seats:
            hall = Hall()
            hall.ask(seats, "a")
            hall.ask(seats, "b")
            await time.sleep(7)
            hall.leave("a")
            await time.sleep(1)
            await hall.close()

    asyncio.run(time.run(story()))

    assert waits == pytest.approx([0, 7], abs=0.2)


def test_that_a_process_counts_alone_is_logged_once() -> None:
    async def story(hall: Hall, seats: Seats, time: VirtualTime) -> None:
        hall.ask(seats, "a")
        await time.sleep(20)

    with capture_logs() as logs:
        play(story)

    assert [one["log_level"] for one in logs] == ["warning"]
