import asyncio
from typing import Any

import pytest
from aiogram import Bot
from aiogram.exceptions import (
    AiogramError,
    ClientDecodeError,
    TelegramBadRequest,
    TelegramNetworkError,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.methods import GetMe, GetUpdates, Response, TelegramMethod

from bot.app.line import Line
from tests.tools.clock import FakeClock
from tests.tools.updates import TOKEN

CALL = GetMe()
OUTAGES = [
    TelegramNetworkError(CALL, "no route"),
    TelegramServerError(CALL, "Bad Gateway"),
    ClientDecodeError("Failed to decode object", ValueError(), "<html>"),
]


class Wire:
    """A line, and what Telegram says to each call; None: all is well."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.line = Line(self.clock)

    async def call(self, error: AiogramError | None = None, method: TelegramMethod[Any] = CALL) -> None:
        async def make(_bot: Bot, _method: TelegramMethod[Any]) -> Response[Any]:
            if error:
                raise error
            return Response[Any](ok=True, result=True)

        if error:
            with pytest.raises(type(error)):
                await self.line(make, Bot(TOKEN), method)
        else:
            assert (await self.line(make, Bot(TOKEN), method)).ok


async def test_an_outage_is_two_lines_however_many_calls_it_takes(capsys: pytest.CaptureFixture[str]) -> None:
    wire = Wire()
    for error in OUTAGES * 100:
        await wire.call(error)
        assert wire.line.trouble == "telegram does not take calls"
    await wire.call()
    assert wire.line.trouble == ""
    wire.clock.advance(10)
    await wire.call()

    told = capsys.readouterr().out
    assert (told.count("does not take calls"), told.count("takes calls again")) == (1, 1)


async def test_a_refusal_is_an_answer() -> None:
    wire = Wire()
    await wire.call(OUTAGES[0])

    await wire.call(TelegramBadRequest(CALL, "Bad Request: chat not found"))

    assert wire.line.trouble == ""


async def test_a_token_that_was_revoked_is_named() -> None:
    wire = Wire()

    await wire.call(TelegramUnauthorizedError(CALL, "Unauthorized"))

    assert wire.line.trouble == "telegram does not know the token any more"


async def test_a_call_that_failed_long_ago_tells_nothing() -> None:
    wire = Wire()
    await wire.call(OUTAGES[0])

    wire.clock.advance(59)
    assert wire.line.trouble
    wire.clock.advance(1)
    assert wire.line.trouble == ""


async def test_polls_tell_of_themselves() -> None:
    wire = Wire()

    await wire.call(OUTAGES[0], GetUpdates())
    assert wire.line.trouble == ""

    await wire.call(OUTAGES[0])
    await wire.call(None, GetUpdates())
    assert wire.line.trouble != ""


async def test_who_may_call_no_more_does_not() -> None:
    wire = Wire()

    async def ended() -> None:
        raise asyncio.CancelledError

    wire.line.permit = ended

    with pytest.raises(asyncio.CancelledError):
        await wire.call()
