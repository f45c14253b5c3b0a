"""How long a model may be silent, and the stopwatch that holds one answer to it.

Limits are measured on pieces, not on bytes: a service that sends blank lines, or the same text again, is
silent.
"""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Self, TypeVar

from bot.errors import BackendTimeout, WaitedFor

T = TypeVar("T")

_LONGEST_PAUSE_S = 1.0
_PAUSE_PER_LATENESS = 5.0


@dataclass(frozen=True, slots=True)
class Patience:
    """The limits of every wait for one answer, in seconds."""

    connect_s: float = 10
    first_piece_s: float = 30
    """From sending the request to the first text."""
    reasoning_s: float = 180
    """The same for a model that thinks first."""
    piece_s: float = 20
    answer_s: float = 300
    """The whole answer, from sending the request."""
    pause_s: float = 0.1
    """Between two looks at an answer that has begun, so that one look finds several pieces, because nobody sees
    text more often than a frame. The end may be noticed that much later."""


class Rhythm:
    """The pauses between two looks at one answer; they grow while this process is late with its work.

    Then a crowd of answers is looked at more seldom, and leaves time for the frames that show them.
    """

    def __init__(self, patience: Patience) -> None:
        self._least_s = self._pause_s = patience.pause_s

    async def pause(self) -> None:
        """Let pieces gather; return at once if there are to be no pauses."""
        if self._least_s == 0:
            return
        loop = asyncio.get_running_loop()
        due = loop.time() + self._pause_s
        await asyncio.sleep(self._pause_s)
        self._pause_s = min(_LONGEST_PAUSE_S, max(self._least_s, _PAUSE_PER_LATENESS * (loop.time() - due)))


class Stopwatch:
    """Holds one answer to the limits; it starts when it is made, inside a running event loop.

    The time between two calls of `limit` belongs to whoever consumes the answer and is not held against the
    model, save in the limit of the whole. One timer serves all the waits, because answers grow by fifty pieces
    a second and a timer for each would cost more than reading them.
    """

    def __init__(self, patience: Patience, *, is_reasoning: bool) -> None:
        self._loop = asyncio.get_running_loop()
        self._patience = patience
        self._first_s = patience.reasoning_s if is_reasoning else patience.first_piece_s
        self._first_due: float | None = self._loop.time() + self._first_s
        self._answer_due = self._loop.time() + patience.answer_s
        self._due = self._answer_due
        self._timer: asyncio.TimerHandle | None = None
        self._waiting: asyncio.Task[object] | None = None
        self._is_overdue = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._disarm()

    async def limit(self, step: Awaitable[T]) -> T:
        """Wait for the step as long as the current limit allows; a step that is too slow is cancelled.

        Raises:
            BackendTimeout: the model was silent, or wrote, for too long.
        """
        task = self._waiting = asyncio.current_task(self._loop)
        cancellations = task.cancelling() if task else 0
        self._due = min(self._first_due or self._loop.time() + self._patience.piece_s, self._answer_due)
        self._timer = self._timer or self._loop.call_at(self._due, self._look)
        try:
            return await step
        except asyncio.CancelledError as error:
            if task is None or not self._is_overdue or task.uncancel() > cancellations:
                raise
            raise self._overdue() from error
        finally:
            self._waiting = None

    def piece_came(self) -> None:
        """From now on, wait for the next piece instead of the first."""
        if self._first_due is not None:
            self._first_due = None
            self._disarm()

    def _look(self) -> None:
        """See whether the wait is over its limit; if pieces came meanwhile, look again later."""
        self._timer = None
        if self._waiting is None:
            return
        if self._loop.time() < self._due:
            self._timer = self._loop.call_at(self._due, self._look)
            return
        self._is_overdue = True
        self._waiting.cancel()

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _overdue(self) -> BackendTimeout:
        if self._due == self._answer_due:
            return BackendTimeout(WaitedFor.WHOLE_ANSWER, self._patience.answer_s)
        if self._first_due is not None:
            return BackendTimeout(WaitedFor.FIRST_PIECE, self._first_s)
        return BackendTimeout(WaitedFor.NEXT_PIECE, self._patience.piece_s)
