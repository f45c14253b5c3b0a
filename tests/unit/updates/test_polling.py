import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

import pytest
from aiogram import Bot
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramConflictError,
    TelegramNetworkError,
    TelegramUnauthorizedError,
)
from aiogram.methods import DeleteWebhook, GetMe

from bot.errors import StoreError
from bot.updates.inbox import Put
from bot.updates.intake import Intake
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
        self.timeouts_s: list[int] = []
        self.webhooks_deleted = 0

    async def __call__(self, method: Any, request_timeout: int | None = None) -> Any:
        assert request_timeout is not None
        if isinstance(method, DeleteWebhook):
            self.webhooks_deleted += 1
            raise TelegramNetworkError(method, "no route")
        assert isinstance(method, GetRawUpdates)
        assert request_timeout > method.timeout
        self.offsets.append(method.offset)
        self.timeouts_s.append(method.timeout)
        if not self.answers:
            raise asyncio.CancelledError
        answer = self.answers.pop(0)
        if isinstance(answer, TelegramAPIError):
            raise answer
        return answer


class Shelf:
    """Keeps what is put; refuses the first `refusals` times."""

    def __init__(self, refusals: int = 0) -> None:
        self.kept: list[str] = []
        self._refusals = refusals

    async def put_all(self, envelopes: Sequence[Envelope]) -> list[Put]:
        if self._refusals:
            self._refusals -= 1
            raise StoreError("away")
        self.kept += (envelope.identity.partition(":")[0] for envelope in envelopes)
        return [Put.KEPT] * len(envelopes)


def update(number: int) -> dict[str, Any]:
    return {"update_id": number, "message": a_message(f"number {number}")}


class Line:
    """A polling with everything around it."""

    def __init__(self, *answers: list[dict[str, Any]] | TelegramAPIError, refusals: int = 0) -> None:
        async def nobody(_update: dict[str, Any]) -> None: ...

        self.bot = ScriptedBot(answers)
        self.shelf = Shelf(refusals)
        self.clock = FakeClock()
        intake = Intake(self.shelf, self.bot.id, when_kept_waiting=nobody, when_full=nobody)
        self.polling = Polling(self.bot, intake, timeout_s=25, clock=self.clock, sleep=self.clock.sleep)

    async def run(self) -> None:
        with pytest.raises(asyncio.CancelledError):
            await self.polling.run()


async def test_telegram_hears_of_updates_after_they_are_kept() -> None:
    line = Line([update(5), update(6)], [])

    await line.run()

    assert line.shelf.kept == ["5", "6"]
    assert line.bot.offsets == [None, 7, 7]


async def test_what_is_none_of_ours_is_confirmed_and_forgotten() -> None:
    line = Line([{"update_id": 5, "poll": {}}])

    await line.run()

    assert line.shelf.kept == []
    assert line.bot.offsets == [None, 6]


async def test_what_makes_no_sense_does_not_keep_the_rest_away(capsys: pytest.CaptureFixture[str]) -> None:
    line = Line([{"update_id": 5, "message": {"chat": []}}, update(6)])

    await line.run()

    assert line.shelf.kept == ["6"]
    assert line.bot.offsets == [None, 7]
    assert "updates that make no sense were let go" in capsys.readouterr().out


async def test_the_offset_moves_past_the_last_number_there_is() -> None:
    line = Line([update(5), {"update_id": "six"}, {"message": a_message()}], [{"update_id": None}], [])

    await line.run()

    assert line.shelf.kept == ["5"]
    assert line.bot.offsets == [None, 6, 6, 6]
    assert line.polling.trouble == ""


async def test_updates_that_cannot_be_kept_are_asked_for_again() -> None:
    line = Line([update(5), update(6)], [update(5), update(6)], refusals=1)

    await line.run()

    assert line.bot.offsets == [None, None, 7]
    assert line.shelf.kept == ["5", "6"]
    assert line.clock.slept == [0.5]


async def test_trouble_is_waited_out_and_can_be_asked_for() -> None:
    line = Line(*[TelegramNetworkError(METHOD, "no route")] * 3)

    await line.run()

    assert line.clock.slept == [0.5, 1, 2]
    assert line.polling.trouble == "no updates"


async def test_who_is_answered_at_once_and_with_nothing_takes_breath() -> None:
    line = Line([update(5)], [], [])

    await line.run()

    assert line.clock.slept == [0.1, 0.1]


async def test_whether_trouble_is_over_is_known_at_once() -> None:
    line = Line(TelegramNetworkError(METHOD, "no route"), [], [])

    await line.run()

    assert line.bot.timeouts_s == [25, 0, 25, 25]
    assert line.polling.trouble == ""


async def test_a_foreign_poller_is_named_once_an_episode(capsys: pytest.CaptureFixture[str]) -> None:
    conflict = TelegramConflictError(METHOD, "terminated by other getUpdates request")

    await Line(conflict, [], conflict, [], conflict, []).run()

    assert capsys.readouterr().out.count("another program polls with this token") == 1


async def test_a_webhook_that_is_still_set_is_taken_away_whatever_telegram_says() -> None:
    line = Line(TelegramConflictError(METHOD, "can't use getUpdates method while webhook is active"), [])

    await line.run()

    assert line.bot.webhooks_deleted == 2


async def test_polling_that_begins_anew_begins_at_what_telegram_was_not_told_to_forget() -> None:
    line = Line([update(5)])
    await line.run()
    line.bot.answers = [[update(6)]]

    await line.run()

    assert line.bot.offsets == [None, 6, None, 7]


async def test_a_revoked_token_ends_the_polling() -> None:
    line = Line(TelegramUnauthorizedError(METHOD, "Unauthorized"))

    with pytest.raises(TelegramUnauthorizedError):
        await line.polling.run()
