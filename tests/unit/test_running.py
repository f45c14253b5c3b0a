import asyncio

import pytest

from bot.running import RunningTurns
from bot.types import ConversationKey

HERE, THERE = ConversationKey(42, 1), ConversationKey(42, 2)


async def test_a_press_ends_the_wait_inside() -> None:
    running = RunningTurns()

    async with running.stoppable(HERE, 7, 1) as switch:
        asyncio.get_running_loop().call_soon(switch.press)
        await asyncio.sleep(30)

    assert switch.is_pressed


async def test_a_press_before_the_first_wait_ends_it_too() -> None:
    async with RunningTurns().stoppable(HERE, 7, 1) as switch:
        switch.press()
        await asyncio.sleep(30)

    assert switch.is_pressed


async def test_who_asked_and_which_reply_it_is_are_known_while_the_answer_grows() -> None:
    running = RunningTurns()

    async with running.stoppable(HERE, 7, 1):
        switch = running.switch_of(HERE)
        assert switch is not None
        assert (switch.asker_id, switch.tag) == (7, 1)
        assert running.switch_of(THERE) is None

    assert running.switch_of(HERE) is None


async def test_a_second_press_changes_nothing() -> None:
    async with RunningTurns().stoppable(HERE, 7, 1) as switch:
        switch.press()
        switch.press()
        await asyncio.sleep(30)

    assert switch.is_pressed


async def test_another_timeout_is_not_taken_for_a_stop() -> None:
    with pytest.raises(TimeoutError):
        async with RunningTurns().stoppable(HERE, 7, 1):
            raise TimeoutError


async def test_the_older_of_two_turns_does_not_take_the_newer_ones_switch_away() -> None:
    running = RunningTurns()

    async with running.stoppable(HERE, 1, 1):
        newer = running.stoppable(HERE, 2, 2)
        switch = await newer.__aenter__()
    assert running.switch_of(HERE) is switch

    await newer.__aexit__(None, None, None)
