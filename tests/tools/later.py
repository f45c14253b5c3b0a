"""A model that answers later what it was told to answer: the in-memory twin of every `LaterModel`."""

from collections.abc import Awaitable, Callable, Iterable

from bot.errors import BackendError
from bot.types import Ask, Ending, Piece, Usage

ANSWER = Piece("Polly", Ending.COMPLETE, Usage(3, 2), "v1")


class ScriptedLater:
    """Takes every order as `d7q1`, `d7q2`, …; each look at any of them gives the next outcome, or the last.

    `refusals` are raised first, one by each order; what may take its time or die is done in `when_ordered`.
    """

    def __init__(
        self,
        *outcomes: Piece | BackendError | None,
        refusals: Iterable[BackendError] = (),
        when_ordered: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self.outcomes = list(outcomes) or [ANSWER]
        self.refusals = list(refusals)
        self.asks: list[Ask] = []
        """What was ordered, in order, refused or not."""
        self.taken = 0
        self.looks: list[str] = []
        self.cancelled: list[str] = []
        self.cancel_errors: list[BackendError] = []
        """Raised by cancellations, one by each, before any works."""
        self._when_ordered = when_ordered

    async def order(self, ask: Ask) -> str:
        """Take an order."""
        self.asks.append(ask)
        if self._when_ordered:
            await self._when_ordered()
        if self.refusals:
            raise self.refusals.pop(0)
        self.taken += 1
        return f"d7q{self.taken}"

    async def outcome(self, operation_id: str) -> Piece | None:
        """Tell how it stands."""
        self.looks.append(operation_id)
        said = self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]
        if isinstance(said, BackendError):
            raise said
        return said

    async def cancel(self, operation_id: str) -> None:
        """Take note."""
        self.cancelled.append(operation_id)
        if self.cancel_errors:
            raise self.cancel_errors.pop(0)
