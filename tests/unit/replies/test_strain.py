import asyncio
import time

import pytest

from bot.replies.strain import Strain
from tests.tools.clock import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def strain(clock: FakeClock) -> Strain:
    """Of a process that has just shown a frame in chat 1, and does next to nothing."""
    strain = Strain(1.0, clock, worked=lambda: 0.0)
    strain.framed(1)
    return strain


async def test_a_process_that_is_in_time_lets_frames_pass(strain: Strain) -> None:
    for _ in range(20):  # the machine that tests may be late itself
        await measured(strain, busy_s=0)
        if strain.degree == 0:
            break

    assert strain.degree == 0
    assert strain.wait_s(1) == 0


async def test_a_process_that_is_late_makes_frames_more_seldom(strain: Strain) -> None:
    await measured(strain, busy_s=0.3)

    assert 1.0 < strain.wait_s(1) <= 2.2
    assert 0.0 < strain.degree <= 1.0


async def test_a_chat_without_a_frame_does_not_wait(strain: Strain) -> None:
    await measured(strain, busy_s=0.3)

    assert strain.wait_s(2) == 0


async def test_a_frame_comes_after_two_seconds_however_late_the_process_is(
    strain: Strain, clock: FakeClock
) -> None:
    await measured(strain, busy_s=0.6)

    clock.advance(2.3)

    assert strain.wait_s(1) == 0


@pytest.mark.parametrize(
    ("busy", "is_strained"), [(0.5, False), (0.97, True)], ids=["half of the time", "nearly always"]
)
async def test_a_process_that_has_no_time_left_makes_frames_more_seldom_before_it_is_late(
    clock: FakeClock, busy: float, *, is_strained: bool
) -> None:
    loop = asyncio.get_running_loop()
    strain = Strain(1.0, clock, worked=lambda: busy * loop.time())
    strain.framed(1)

    for _ in range(20):
        await measured(strain, busy_s=0)

    assert (strain.wait_s(1) > 1.0) == is_strained


async def test_what_was_worked_before_a_rest_is_forgotten(clock: FakeClock) -> None:
    loop = asyncio.get_running_loop()
    strain = Strain(1.0, clock, worked=loop.time)
    for _ in range(20):
        await measured(strain, busy_s=0)
    assert strain.degree > 0

    await asyncio.sleep(2.1)
    await measured(strain, busy_s=0)

    assert strain.degree == 0


async def test_chats_that_have_gone_are_forgotten(strain: Strain, clock: FakeClock) -> None:
    for chat_id in range(10_001):
        strain.framed(chat_id)
    clock.advance(60)

    strain.framed(99_999)

    assert len(strain._framed_at) == 1


async def measured(strain: Strain, *, busy_s: float) -> None:
    """Have the lateness measured while the loop is kept busy."""
    strain.wait_s(0)
    asyncio.get_running_loop().call_later(0.04, time.sleep, busy_s)
    await asyncio.sleep(0.07)
