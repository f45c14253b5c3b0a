import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot.app.side import SideLoop, side_loop


async def thread() -> int:
    return threading.get_ident()


async def test_work_is_done_in_another_thread_and_what_is_asked_of_home_here() -> None:
    async with side_loop() as side:
        there = await side.run(thread())
        home = await side.run(side.home(thread)())

    assert there != home == threading.get_ident()


async def test_it_answers_while_this_loop_is_busy() -> None:
    answered = threading.Event()

    async def answer() -> None:
        await asyncio.sleep(0.01)
        answered.set()

    async with side_loop() as side:
        work = asyncio.ensure_future(side.run(answer()))
        await asyncio.sleep(0)

        assert answered.wait(timeout=10)  # this loop does not turn meanwhile
        await work


async def test_a_context_is_open_there_as_long_as_it_is_here() -> None:
    opened: list[int] = []

    @asynccontextmanager
    async def context() -> AsyncIterator[str]:
        opened.append(threading.get_ident())
        yield "open"
        opened.clear()

    async with side_loop() as side:
        async with side.entered(context()) as value:
            assert (value, opened) == ("open", [await side.run(thread())])

        assert opened == []


async def test_an_error_there_is_an_error_here() -> None:
    async def fail() -> None:
        raise ValueError("no")

    async with side_loop() as side:
        with pytest.raises(ValueError, match="no"):
            await side.run(fail())


async def test_what_is_left_there_is_cancelled_at_the_end() -> None:
    ended = threading.Event()

    async def forever() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with side_loop() as side:
        work = asyncio.ensure_future(side.run(forever()))
        await side.run(asyncio.sleep(0))

    assert ended.is_set()
    with pytest.raises(asyncio.CancelledError):
        await work


async def test_a_cancellation_here_is_one_there() -> None:
    ended = threading.Event()

    async def forever() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with side_loop() as side:
        work = asyncio.ensure_future(side.run(forever()))
        await side.run(asyncio.sleep(0))
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work

        assert await asyncio.to_thread(ended.wait, 10)


async def test_a_loop_that_never_worked_can_be_stopped() -> None:
    side = SideLoop()

    side.start()
    await side.stop()
