import asyncio
import time

from bot.replies.strain import Strain
from tests.tools.clock import FakeClock


async def test_a_process_that_is_in_time_lets_frames_pass() -> None:
    clock = FakeClock()
    strain = Strain(1.0, clock)
    strain.framed(1)
    await measured(strain, busy_s=0)

    assert strain.wait_s(1) == 0


async def test_a_process_that_is_late_makes_frames_more_seldom() -> None:
    clock = FakeClock()
    strain = Strain(1.0, clock)
    strain.framed(1)

    await measured(strain, busy_s=0.3)

    assert 1.0 < strain.wait_s(1) <= 2.2


async def test_a_chat_without_a_frame_does_not_wait() -> None:
    clock = FakeClock()
    strain = Strain(1.0, clock)
    strain.framed(1)

    await measured(strain, busy_s=0.3)

    assert strain.wait_s(2) == 0


async def test_a_frame_comes_after_two_seconds_however_late_the_process_is() -> None:
    clock = FakeClock()
    strain = Strain(1.0, clock)
    strain.framed(1)
    await measured(strain, busy_s=0.6)

    clock.advance(2.3)

    assert strain.wait_s(1) == 0


async def test_chats_that_have_gone_are_forgotten() -> None:
    clock = FakeClock()
    strain = Strain(1.0, clock)
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
