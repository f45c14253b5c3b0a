import asyncio
from collections.abc import Iterable
from typing import Any

import pytest
from aiogram import Bot
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramConflictError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiogram.methods import DeleteWebhook, GetMe

from bot.errors import StoreError
from bot.updates.lanes import Envelope
from bot.updates.polling import GetRawUpdates, Polling
from tests.tools.clock import FakeClock
from tests.tools.updates import TOKEN, a_message

METHOD = GetMe()


class ScriptedBot(Bot):
    """Answers `getUpdates` from a list: updates, or errors to raise; then cancels whoever asks."""

    def __init__(self, answers: Iterable[list[dict[str, Any]] | TelegramAPIError]) -> None:
        super().__init__(TOKEN)
        self.answers = list(answers)
        self.offsets: list[int | None] = []
        self.webhooks_deleted = 0

    async def __call__(self, method: Any, request_timeout: int | None = None) -> Any:
        if isinstance(method, DeleteWebhook):
            self.webhooks_deleted += 1
            return True
        assert isinstance(method, GetRawUpdates)
        assert request_timeout is not None
        assert request_timeout > method.timeout
        self.offsets.append(method.offset)
        if not self.answers:
            raise asyncio.CancelledError
        answer = self.answers.pop(0)
        if isinstance(answer, TelegramAPIError):
            raise answer
        return answer


class Shelf:
    """Keeps what is put; refuses the first `refusals` times."""

    def __init__(self, refusals: int = 0) -> None:
        self.kept: list[Envelope] = []
        self._refusals = refusals

    async def put(self, envelope: Envelope) -> bool:
        if self._refusals:
            self._refusals -= 1
            raise StoreError("away")
        self.kept.append(envelope)
        return True


def update(number: int) -> dict[str, Any]:
    return {"update_id": number, "message": a_message(f"number {number}")}


class Line:
    """A polling with everything around it."""

    def __init__(self, *answers: list[dict[str, Any]] | TelegramAPIError, refusals: int = 0) -> None:
        self.bot = ScriptedBot(answers)
        self.shelf = Shelf(refusals)
        self.clock = FakeClock()
        self.waiting: list[dict[str, Any]] = []

    async def run(self) -> None:
        async def when_kept_waiting(update: dict[str, Any]) -> None:
            self.waiting.append(update)

        polling = Polling(
            self.bot,
            self.shelf,  # type: ignore[arg-type]  # the one method that is needed
            timeout_s=25,
            when_kept_waiting=when_kept_waiting,
            sleep=self.clock.sleep,
        )
        with pytest.raises(asyncio.CancelledError):
            await polling.run()


async def test_telegram_hears_of_an_update_after_it_is_kept() -> None:
    line = Line([update(5), update(6)], [])

    await line.run()

    assert [kept.identity.split(":")[0] for kept in line.shelf.kept] == ["5", "6"]
    assert line.bot.offsets == [None, 7, 7]


async def test_what_is_none_of_ours_is_confirmed_and_forgotten() -> None:
    line = Line([{"update_id": 5, "poll": {}}])

    await line.run()

    assert line.shelf.kept == []
    assert line.bot.offsets == [None, 6]


async def test_an_update_that_cannot_be_kept_is_asked_for_again() -> None:
    line = Line([update(5), update(6)], [update(5), update(6)], refusals=1)

    await line.run()

    assert line.bot.offsets == [None, None, 7]
    assert [waiting["update_id"] for waiting in line.waiting] == [5, 6]
    assert len(line.shelf.kept) == 2


async def test_trouble_is_waited_out_longer_and_longer() -> None:
    line = Line(*[TelegramNetworkError(METHOD, "no route")] * 7, [])

    await line.run()

    assert line.clock.slept == [0.5, 1, 2, 4, 8, 15, 15]


async def test_trouble_is_logged_once_an_episode(capsys: pytest.CaptureFixture[str]) -> None:
    conflict = TelegramConflictError(METHOD, "terminated by other getUpdates request")

    await Line(conflict, conflict, [], conflict).run()

    told = capsys.readouterr().out
    assert told.count("another program polls with this token") == 2
    assert told.count("updates come again") == 1


async def test_a_webhook_that_is_still_set_is_taken_away() -> None:
    line = Line(TelegramConflictError(METHOD, "can't use getUpdates method while webhook is active"), [])

    await line.run()

    assert line.bot.webhooks_deleted == 1


async def test_telegrams_own_advice_is_followed() -> None:
    line = Line(TelegramRetryAfter(METHOD, "flood", 40), [])

    await line.run()

    assert line.clock.slept == [40]


async def test_a_revoked_token_ends_the_polling() -> None:
    bot = ScriptedBot([TelegramUnauthorizedError(METHOD, "Unauthorized")])

    async def nobody(_update: dict[str, Any]) -> None: ...

    with pytest.raises(TelegramUnauthorizedError):
        await Polling(bot, Shelf(), timeout_s=1, when_kept_waiting=nobody).run()  # type: ignore[arg-type]
