"""Long polling: one poller at a time, answered the moment an update comes.

Source: tdlib/telegram-bot-api, `process_get_updates_query` and `fail_query_conflict`.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from bot.sandbox.telegram.params import Params
from bot.sandbox.telegram.refusals import Refusal, conflict
from bot.sandbox.telegram.updates import UpdateQueue

OTHER_POLLER = "terminated by other getUpdates request; make sure that only one bot instance is running"
WEBHOOK_SET = "terminated by setWebhook request"
WEBHOOK_ACTIVE = (
    "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)

_MAX_TIMEOUT_S = 50
_MAX_LIMIT = 100
_PATIENCE_S = 3.0
_HURRY_S = 0.5


class Polling:
    """Serves `getUpdates` from a queue."""

    def __init__(
        self, queue: UpdateQueue, clock: Callable[[], float], sleep: Callable[[float], Awaitable[None]]
    ) -> None:
        self._queue = queue
        self._clock = clock
        self._sleep = sleep
        self._waiter: asyncio.Future[None] | None = None
        self._last_offset = -1
        self._last_at = float("-inf")
        self._next_conflict_at = float("-inf")

    async def updates(self, params: Params) -> list[dict[str, Any]]:
        """Confirm, then return the next updates, or wait for them as long as the call says.

        Raises:
            Refusal: another poller came, or a webhook was set.
        """
        offset = params.number("offset")
        limit = min(max(params.number("limit", _MAX_LIMIT), 1), _MAX_LIMIT)
        timeout_s = float(min(max(params.number("timeout"), 0), _MAX_TIMEOUT_S))
        self._queue.allow(params.nested("allowed_updates", "allowed updates"))
        timeout_s, limit = self._slowed(offset, timeout_s, limit)
        self.interrupt(OTHER_POLLER)
        self._queue.confirm(offset)
        if not (ready := self._queue.oldest(limit)) and timeout_s:
            await self._wait(timeout_s)
            ready = self._queue.oldest(limit)
        return ready

    def interrupt(self, reason: str) -> None:
        """End the poll that waits, if there is one, with a conflict."""
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(conflict(reason))

    async def conflict(self, reason: str) -> Refusal:
        """Return the error of a conflict; the second one in a row comes late, so that nobody spins."""
        now = self._clock()
        if now < self._next_conflict_at:
            await self._sleep(_PATIENCE_S)
        else:
            self._next_conflict_at = now + _PATIENCE_S
        return conflict(reason)

    def _slowed(self, offset: int, timeout_s: float, limit: int) -> tuple[float, int]:
        now = self._clock()
        since = now - self._last_at if offset == self._last_offset else float("inf")
        self._last_offset, self._last_at = offset, now
        return (
            max(timeout_s, _PATIENCE_S) if since < _PATIENCE_S else timeout_s,
            1 if since < _HURRY_S else limit,
        )

    async def _wait(self, timeout_s: float) -> None:
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiter = waiter
        stop = self._queue.listen(lambda: _wake(waiter))
        try:
            await asyncio.wait_for(waiter, timeout_s)
        except TimeoutError:
            return
        except Refusal as refusal:
            raise await self.conflict(refusal.description.partition(": ")[2]) from None
        finally:
            stop()


def _wake(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)
