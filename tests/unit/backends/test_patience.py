import asyncio
import time
from dataclasses import replace

import pytest

from bot.backends.patience import Patience, Rhythm, Stopwatch
from bot.errors import BackendTimeout, WaitedFor

SHORT = Patience(first_piece_s=0.05, reasoning_s=0.1, piece_s=0.02, answer_s=10)


async def never() -> None:
    await asyncio.sleep(3600)


async def falls_silent(patience: Patience, *, is_reasoning: bool, pieces: int) -> None:
    with Stopwatch(patience, is_reasoning=is_reasoning) as stopwatch:
        for _ in range(pieces):
            await stopwatch.limit(asyncio.sleep(0.001))
            stopwatch.piece_came()
        await stopwatch.limit(never())


async def limited(patience: Patience, *, is_reasoning: bool = False, pieces: int = 0) -> BackendTimeout:
    """Let a model fall silent after some pieces and return what that leads to."""
    with pytest.raises(BackendTimeout) as caught:
        await falls_silent(patience, is_reasoning=is_reasoning, pieces=pieces)
    return caught.value


async def test_what_comes_in_time_is_handed_on() -> None:
    with Stopwatch(SHORT, is_reasoning=False) as stopwatch:
        assert await stopwatch.limit(asyncio.sleep(0, "text")) == "text"


async def test_silence_before_the_first_piece_has_its_limit() -> None:
    error = await limited(SHORT)

    assert (error.waited_for, error.limit_s) == (WaitedFor.FIRST_PIECE, 0.05)


async def test_a_model_that_thinks_first_may_take_longer() -> None:
    error = await limited(SHORT, is_reasoning=True)

    assert (error.waited_for, error.limit_s) == (WaitedFor.FIRST_PIECE, 0.1)


async def test_silence_between_pieces_has_its_limit() -> None:
    error = await limited(SHORT, pieces=3)

    assert (error.waited_for, error.limit_s) == (WaitedFor.NEXT_PIECE, 0.02)


async def test_the_whole_answer_has_its_limit_however_many_pieces_come() -> None:
    error = await limited(Patience(first_piece_s=1, piece_s=1, answer_s=0.05), pieces=3)

    assert (error.waited_for, error.limit_s) == (WaitedFor.WHOLE_ANSWER, 0.05)


async def test_the_shorter_limit_of_later_pieces_holds_from_the_first_one_on() -> None:
    started_at = asyncio.get_running_loop().time()

    await limited(Patience(first_piece_s=5, piece_s=0.02, answer_s=10), pieces=1)

    assert asyncio.get_running_loop().time() - started_at < 1


async def test_pieces_that_keep_coming_push_the_limit_on() -> None:
    with Stopwatch(Patience(first_piece_s=1, piece_s=1), is_reasoning=False) as stopwatch:
        for _ in range(10):
            await stopwatch.limit(asyncio.sleep(0.15))
            stopwatch.piece_came()


async def test_the_time_of_a_slow_consumer_is_not_held_against_the_model() -> None:
    with Stopwatch(replace(SHORT, piece_s=0.5), is_reasoning=False) as stopwatch:
        await stopwatch.limit(asyncio.sleep(0))
        stopwatch.piece_came()
        await stopwatch.limit(asyncio.sleep(0))
        await asyncio.sleep(0.6)

        assert await stopwatch.limit(asyncio.sleep(0.001, "text")) == "text"


async def test_cancelling_from_outside_stays_a_cancellation() -> None:
    with Stopwatch(SHORT, is_reasoning=True) as stopwatch:
        task = asyncio.create_task(stopwatch.limit(never()))
        await asyncio.sleep(0)
        task.cancel()

        with pytest.raises(asyncio.CancelledError):
            await task


async def test_a_cancellation_that_meets_the_limit_is_not_lost() -> None:
    async def overdue_and_cancelled() -> None:
        with Stopwatch(SHORT, is_reasoning=False) as stopwatch:
            stopwatch.piece_came()
            await stopwatch.limit(cancelled_while_ending())

    async def cancelled_while_ending() -> None:
        try:
            await never()
        finally:
            task.cancel()

    task = asyncio.create_task(overdue_and_cancelled())

    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_task_can_go_on_after_a_limit_was_passed() -> None:
    await limited(SHORT)

    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


async def test_between_two_looks_there_is_a_pause() -> None:
    loop = asyncio.get_running_loop()
    began_at = loop.time()

    await Rhythm(Patience(pause_s=0.05)).pause()

    assert loop.time() - began_at >= 0.049


async def test_without_a_pause_nobody_waits() -> None:
    went_on: list[str] = []
    asyncio.get_running_loop().call_soon(went_on.append, "the loop")

    await Rhythm(Patience(pause_s=0)).pause()

    assert went_on == []


async def test_a_late_process_looks_more_seldom() -> None:
    loop = asyncio.get_running_loop()
    rhythm = Rhythm(Patience(pause_s=0.01))
    loop.call_later(0.005, time.sleep, 0.06)
    await rhythm.pause()

    began_at = loop.time()
    await rhythm.pause()

    assert loop.time() - began_at > 0.15
