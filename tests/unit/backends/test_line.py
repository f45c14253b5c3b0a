import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.backends.line import Line

ANNA, BORIS, VERA, NOBODY = 1, 2, 3, 0


class Counter:
    """A line with somebody at the counter, and who was served behind them, in order."""

    def __init__(self) -> None:
        self.line = Line()
        self.served: list[str] = []
        self.most_at_once = 0
        self.waiting: dict[str, asyncio.Task[None]] = {}
        self._at_once = 0

    @asynccontextmanager
    async def busy(self) -> AsyncIterator[None]:
        """Stand at the counter while others come; at the end all of them are served."""
        async with self.line.first():
            yield
        await asyncio.gather(*self.waiting.values(), return_exceptions=True)

    async def comes(self, name: str, asker_id: int) -> None:
        self.waiting[name] = asyncio.create_task(self._is_served(name, asker_id))
        await asyncio.sleep(0)

    async def _is_served(self, name: str, asker_id: int) -> None:
        async with self.line.first(asker_id):
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
            try:
                await asyncio.sleep(0)
                self.served.append(name)
            finally:
                self._at_once -= 1


async def test_first_come_first_served() -> None:
    counter = Counter()

    async with counter.busy():
        for name, asker_id in (("a", ANNA), ("b", BORIS), ("c", VERA)):
            await counter.comes(name, asker_id)

    assert counter.served == ["a", "b", "c"]


async def test_one_with_many_wishes_lets_others_pass_in_between() -> None:
    counter = Counter()

    async with counter.busy():
        for number in range(5):
            await counter.comes(f"a{number}", ANNA)
        await counter.comes("b", BORIS)
        await counter.comes("c0", VERA)
        await counter.comes("c1", VERA)

    assert counter.served == ["a0", "b", "c0", "a1", "c1", "a2", "a3", "a4"]


async def test_nobody_in_particular_is_somebody_else_each_time() -> None:
    counter = Counter()

    async with counter.busy():
        for name in ("x", "y", "z"):
            await counter.comes(name, NOBODY)

    assert counter.served == ["x", "y", "z"]


async def test_who_leaves_is_passed_over() -> None:
    counter = Counter()

    async with counter.busy():
        for name, asker_id in (("a", ANNA), ("b", BORIS), ("c", VERA)):
            await counter.comes(name, asker_id)
        counter.waiting["a"].cancel()
        counter.waiting["b"].cancel()

    assert counter.served == ["c"]


async def test_who_leaves_when_called_calls_the_next_one() -> None:
    counter = Counter()

    async with counter.busy():
        await counter.comes("a", ANNA)
        await counter.comes("b", BORIS)
        asyncio.get_running_loop().call_soon(counter.waiting["a"].cancel)

    assert counter.served == ["b"]


async def test_a_line_that_was_left_is_free() -> None:
    counter = Counter()
    async with counter.busy():
        await counter.comes("a", ANNA)
        counter.waiting["a"].cancel()

    async with asyncio.timeout(1), counter.line.first(ANNA):
        pass


async def test_what_is_raised_inside_lets_the_next_one_in() -> None:
    line = Line()
    with pytest.raises(ZeroDivisionError):
        async with line.first():
            raise ZeroDivisionError

    async with asyncio.timeout(1), line.first():
        pass


@settings(max_examples=200, deadline=None)
@given(
    askers=st.lists(st.integers(0, 4), max_size=12),
    leaving=st.sets(st.integers(0, 11)),
    steps=st.lists(st.integers(0, 3), min_size=12, max_size=12),
)
def test_all_who_stay_are_served_one_by_one(askers: list[int], leaving: set[int], steps: list[int]) -> None:
    async def story() -> Counter:
        counter = Counter()
        async with counter.busy():
            for number, asker_id in enumerate(askers):
                await counter.comes(str(number), asker_id)
        return counter

    async def restless() -> Counter:
        counter = Counter()
        for number, asker_id in enumerate(askers):
            await counter.comes(str(number), asker_id)
            for _ in range(steps[number]):
                await asyncio.sleep(0)
            if number in leaving:
                counter.waiting[str(number)].cancel()
        await asyncio.gather(*counter.waiting.values(), return_exceptions=True)
        return counter

    calm = asyncio.run(story())
    wild = asyncio.run(restless())

    assert sorted(calm.served) == sorted(map(str, range(len(askers))))
    assert {str(number) for number in range(len(askers))} - set(wild.served) <= set(map(str, leaving))
    assert max(calm.most_at_once, wild.most_at_once) <= 1
