"""Answers that come later, from the order to the reply: what one look at an order does.

Whoever looks holds the order; every step is written down before the next, so that any other replica goes on
where this one died. What was spent is booked once, also if nobody could be told.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from bot.conclusion import Conclusions
from bot.errors import BackendError, BackendTimeout, Rejected, WaitedFor
from bot.orders import Order, Standing, TakenOrders
from bot.ports import Accounts, LaterModel
from bot.promptbook import PromptBook
from bot.running import RunningTurns
from bot.types import Expense, ModelChoice, Piece, Work

log = structlog.get_logger(__name__)

_GROWTH = 1.5
_MOST_CANCELLATIONS = 5
_COURTESY_S = 2.0
"""Between two looks whether another answer, which is being shown in the conversation, has come to its end."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often orders are looked at: more and more seldom."""

    first_s: float = 10
    longest_s: float = 60

    def pause_s(self, looks: int) -> float:
        """Return the seconds until the next look, after so many in vain."""
        longest_s = max(self.first_s, self.longest_s)
        return min(longest_s, self.first_s * _GROWTH ** min(looks, 100))


class LateAnswers:
    """Attends to orders, one look at a time."""

    def __init__(  # noqa: PLR0913 - the rooms that an answer concerns
        self,
        *,
        orders: TakenOrders,
        model: LaterModel,
        conclusions: Conclusions,
        prompts: PromptBook,
        accounts: Accounts,
        running: RunningTurns,
        rhythm: Rhythm = Rhythm(),
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._orders = orders
        self._model = model
        self._conclusions = conclusions
        self._prompts = prompts
        self._accounts = accounts
        self._running = running
        self._rhythm = rhythm
        self._clock = clock
        self._is_blind = False

    async def attend(self, order: Order) -> float | None:
        """Do what can be done now; return in how many seconds to look again; None: it is over.

        Raises:
            StoreError: Redis is away.
            DeliveryError: Telegram does not take the answer.
        """
        if order.standing is Standing.CANCELLED:
            return await self._cancel(order)
        outcome = order.answer or await self._outcome(order)
        if outcome is None:
            return self._rhythm.pause_s(order.looks)
        if isinstance(outcome, Piece):
            if not (order.answer or await self._orders.answered(order.id, outcome)):
                return 0.0  # cancelled at this moment, or another's
            await self._book(order, outcome)
        if await self._must_wait(order):
            return _COURTESY_S
        await self._conclusions.conclude(order, outcome)
        return None

    async def _outcome(self, order: Order) -> Piece | BackendError | None:
        """Return the answer, or why there will be none; None: nobody knows yet."""
        try:
            answer = await self._model.outcome(order.operation_id)
        except BackendError as error:
            if not error.is_transient:
                return error
            self._note(str(error))
            answer = None
        else:
            self._note("")
        if answer is None and self._clock() >= order.deadline:
            return BackendTimeout(WaitedFor.OPERATION, order.deadline - order.asked_at)
        return answer

    async def _cancel(self, order: Order) -> float | None:
        """Tell the service, insisting a little: what it does not hear costs money and does no harm."""
        try:
            await self._model.cancel(order.operation_id)
        except BackendError as error:
            log.info("operation not cancelled", operation=order.operation_id, error=str(error))
            if not isinstance(error, Rejected) and order.looks + 1 < _MOST_CANCELLATIONS:
                return self._rhythm.pause_s(order.looks)
        await self._orders.end(order.id)
        return None

    async def _book(self, order: Order, answer: Piece) -> None:
        if answer.usage is None:
            return
        expense = Expense(
            person=order.question.person,
            prompt=order.prompt,
            model=self._prompts.catalogue.choice(ModelChoice(order.model)),
            work=Work.TEXT_LATER,
            at=self._clock(),
            usage=answer.usage,
        )
        await self._accounts.book(expense, expense_id=f"later:{order.id}")

    async def _must_wait(self, order: Order) -> bool:
        """Whether something else is being said in the conversation: its messages would stand among ours."""
        growing = await self._running.growing_in(order.dialogue.conversation)
        return growing is not None or not await self._orders.occupy(order)

    def _note(self, trouble: str) -> None:
        """Log once that orders cannot be looked at, and once that they can be again."""
        if bool(trouble) != self._is_blind:
            log.warning("orders cannot be looked at", error=trouble) if trouble else log.info("orders are seen")
        self._is_blind = bool(trouble)
