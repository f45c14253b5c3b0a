"""Ordering an answer that comes later: once, whatever happens meanwhile.

An order costs money from the moment it arrives. So that it is sent is written down before, and what the service
calls it is written down before anything else; whoever finds the one without the other does not know whether it
arrived, says so, and does not repeat it.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

import structlog

from bot.conclusion import Conclusions
from bot.course import Course
from bot.errors import BackendError, ConfigError, DeliveryTimeout, OrderInDoubt, StoreError
from bot.orders import Begun, Order, Orders, Standing
from bot.ports import LaterModel, Notices, Replies
from bot.question import Question
from bot.tasks import put_down
from bot.texts import PHRASES, Phrases
from bot.types import Ask, ConversationKey, Manner, Transport

log = structlog.get_logger(__name__)

_FAREWELL_S = 3.0
"""How long an order that is under way is waited for when its turn is broken off."""
_STORE_PAUSES_S = (0.2, *(1.0,) * 60)
"""Between attempts to write down the operation while Redis is away."""

_ACCEPTED = Manner(Transport.EDIT, is_bare=True)

Compose = Callable[[], Awaitable[Ask]]


@dataclass(frozen=True, slots=True)
class Terms:
    """How long answers are waited for."""

    first_look_s: float = 10
    timeout_s: float = 72 * 3600


class Ordering:
    """Takes questions to a model that answers later."""

    def __init__(  # noqa: PLR0913 - the rooms that an order concerns
        self,
        *,
        orders: Orders,
        model: LaterModel,
        conclusions: Conclusions,
        replies: Replies,
        notices: Notices,
        terms: Terms = Terms(),
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._orders = orders
        self._model = model
        self._conclusions = conclusions
        self._replies = replies
        self._notices = notices
        self._terms = terms
        self._sleep = sleep

    async def order(self, course: Course, compose: Compose) -> bool:
        """Order the answer and tell the person that it comes later.

        Returns False if the model answers at once only: then nothing was done.

        Raises:
            StoreError: Redis is away.
            DeliveryError: Telegram does not take what is told.
        """
        try:
            course.ask = await compose()
        except ConfigError as error:
            await self._conclusions.conclude(self._order_of(course), error)
            return True
        if not course.ask.model.answers_later:
            log.info("this model answers at once only", model=course.ask.model.label)
            return False
        order = self._order_of(course)
        if await self._is_ordered(order):
            await self._tell(order)
            return True
        begun = await self._orders.begin(order, instead_of=course.question.instead_of_order)
        if begun is Begun.NEW:
            await self._send(order, course.ask)
        elif begun is Begun.FULL:
            await self._notices.say(order.place, _phrases(order).too_many_orders)
        elif begun is Begun.KNOWN:
            await self.go_on(order.id)
        return True

    async def go_on(self, order_id: str) -> bool:
        """Go on where another attempt ended; False: none has begun. Raises as `order`."""
        known = await self._orders.find(order_id)
        if known is None:
            return False
        if known.standing is Standing.BEGUN:
            doubt = OrderInDoubt("nobody knows whether the order arrived")
            await self._conclusions.conclude(known, doubt)
        elif not (known.is_told or known.answer):
            await self._tell(known)
        return True

    async def asked_in(self, conversation: ConversationKey, message_id: int) -> Order | None:
        """Return the order there whose question has this message and whose answer is on its way."""
        for order in await self._orders.pending(conversation):
            if any(part.message_id == message_id for part in order.question.said):
                return order
        return None

    async def cancel(self, order_id: str) -> None:
        """Let an order be cancelled, if it still can be."""
        await self._orders.cancel(order_id)

    def _order_of(self, course: Course) -> Order:
        return Order(
            course.question,
            course.dialogue.prompt,
            course.ask.model.name,
            course.asked_at,
            course.asked_at + self._terms.timeout_s,
            course.dialogue.conversation.chat_id,
        )

    async def _is_ordered(self, order: Order) -> bool:
        """Whether the same is asked once more while its answer is on its way: a button was pressed twice."""
        if order.question.instead_of is None and not order.question.is_continuation:
            return False
        pending = await self._orders.pending(order.dialogue.conversation)
        return any(_sense(other.question) == _sense(order.question) for other in pending)

    async def _send(self, order: Order, ask: Ask) -> None:
        """Send it; an error ends it, and nobody repeats it once the person knows."""
        try:
            is_placed = await _to_the_end(self._place(order, ask))
        except BackendError as error:
            try:
                await self._conclusions.conclude(order, error)
            except DeliveryTimeout:
                if not error.is_doubtful:
                    await self._withdraw(order)
                raise
        else:
            if is_placed:
                await self._tell(order)

    async def _withdraw(self, order: Order) -> None:
        """Let it be sent again, because the person could not be told why not; nothing was ordered."""
        with suppress(StoreError):  # then whoever takes it up again says that nobody knows
            await self._orders.withdraw(order.id)

    async def _place(self, order: Order, ask: Ask) -> bool:
        """Send it and write down what the service calls it; False: somebody else has given it up meanwhile."""
        operation_id = await self._model.order(ask)
        pauses = iter(_STORE_PAUSES_S)
        while True:
            try:
                look_in_s = self._terms.first_look_s
                is_placed = await self._orders.place(order, operation_id, look_in_s=look_in_s)
            except StoreError:
                if (pause_s := next(pauses, None)) is None:
                    log.exception("order not written down", operation=operation_id)
                    raise
                await self._sleep(pause_s)
            else:
                log.info("ordered", operation=operation_id, is_wanted=is_placed)
                return is_placed

    async def _tell(self, order: Order) -> None:
        """Say that it comes later, as carefully as an answer, so that a crash does not double it."""
        async with self._replies.open(
            order.place, order.question.person, reply_id=f"{order.id}:accepted", manner=_ACCEPTED
        ) as reply:
            if reply.earlier_answer is None:
                await reply.finish(_phrases(order).comes_later)
            await self._orders.told(order.id)


def _phrases(order: Order) -> Phrases:
    return PHRASES[order.question.person.language]


def _sense(question: Question) -> tuple[str, bool, str]:
    """Return what tells a question from others that are asked of an answer."""
    answered = question.instead_of.turn_id if question.instead_of else ""
    return question.spoken, question.is_continuation, answered


async def _to_the_end(placing: Awaitable[bool]) -> bool:
    """Order and write it down, whoever is cancelled meanwhile: nobody would know whether it had arrived."""
    task = asyncio.ensure_future(placing)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task}, timeout=_FAREWELL_S)
        await put_down(task)
        if not task.cancelled():
            task.exception()  # looked at, or the loop would complain that nobody did
        raise
