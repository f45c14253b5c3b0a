import asyncio

import pytest

from bot.running import RunningTurns
from bot.types import ConversationKey

HERE, THERE = ConversationKey(42, 1), ConversationKey(42, 2)


async def test_a_stop_ends_the_wait_inside() -> None:
    running = RunningTurns()

    async with running.stoppable(HERE, 7) as switch:
        asyncio.get_running_loop().call_soon(running.stop, HERE)
        await asyncio.sleep(30)

    assert switch.is_pressed


async def test_who_asked_is_known_while_the_answer_grows() -> None:
    running = RunningTurns()

    async with running.stoppable(HERE, 7):
        assert running.asker_of(HERE) == 7
        assert running.asker_of(THERE) is None

    assert running.asker_of(HERE) is None


async def test_what_does_not_run_cannot_be_stopped() -> None:
    running = RunningTurns()

    async with running.stoppable(HERE, 7) as switch:
        assert not running.stop(THERE)

    assert not running.stop(HERE)
    assert not switch.is_pressed


async def test_a_second_press_changes_nothing() -> None:
    running = RunningTurns()

    async with running.stoppable(HERE, 7):
        assert running.stop(HERE)
        assert not running.stop(HERE)
        await asyncio.sleep(30)


async def test_another_timeout_is_not_taken_for_a_stop() -> None:
    with pytest.raises(TimeoutError):
        async with RunningTurns().stoppable(HERE, 7):
            raise TimeoutError


async def test_the_older_of_two_turns_does_not_take_the_newer_ones_switch_away() -> None:
    running = RunningTurns()

    async with running.stoppable(HERE, 1):
        newer = running.stoppable(HERE, 2)
        await newer.__aenter__()
    assert running.asker_of(HERE) == 2

    await newer.__aexit__(None, None, None)
