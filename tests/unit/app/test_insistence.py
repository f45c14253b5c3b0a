import asyncio

import pytest

from bot.app import insistence as room
from bot.app.insistence import insisted


async def test_who_does_not_answer_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "_FIRST_WAIT_S", 0.01)
    answers = [None, None, "yes"]

    async def ask() -> str | None:
        return answers.pop(0)

    assert await insisted(ask, asyncio.Event()) == "yes"


async def test_a_stop_ends_the_asking_and_the_waiting_for_an_answer() -> None:
    stop, is_left = asyncio.Event(), asyncio.Event()

    async def ask() -> bool:
        stop.set()
        try:
            return await asyncio.Event().wait()
        finally:
            is_left.set()

    assert await insisted(ask, stop) is None
    assert is_left.is_set()


async def test_an_error_ends_it() -> None:
    async def ask() -> bool:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await insisted(ask, asyncio.Event())
