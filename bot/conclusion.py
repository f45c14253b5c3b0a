"""How a turn whose answer was ordered ends: shown in a reply of its own, then remembered.

Laws 7 and 9 as in `bot.conversation`: the person reads the answer or one sentence why there is none, and
question and answer are committed together after it was delivered, as the newest turn. Other questions may have
been asked meanwhile: only the newest one of a conversation can be asked again.

Each step may be taken again after a crash, and changes nothing then.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace

import structlog

from bot.course import Course, log_turn
from bot.errors import GovorunError, StoreError
from bot.orders import Order, Orders
from bot.ports import Exchanges, HistoryStore, Replies, Witness
from bot.promptbook import PromptBook
from bot.types import Ask, Ending, Manner, ModelChoice, Piece, Transport

log = structlog.get_logger(__name__)

_PAUSE_S = 1.0
"""Between attempts to write down that an answer was delivered."""


class Conclusions:
    """Brings orders to their end."""

    def __init__(  # noqa: PLR0913 - the rooms that an end concerns
        self,
        *,
        prompts: PromptBook,
        orders: Orders,
        history: HistoryStore,
        exchanges: Exchanges,
        replies: Replies,
        witness: Witness,
        clock: Callable[[], float] = time.time,
        stopwatch: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._prompts = prompts
        self._orders = orders
        self._history = history
        self._exchanges = exchanges
        self._replies = replies
        self._witness = witness
        self._clock = clock
        self._stopwatch = stopwatch
        self._sleep = sleep

    async def conclude(self, order: Order, outcome: Piece | GovorunError) -> None:
        """Show the answer or why there is none, remember it, and let the order be over.

        Raises:
            StoreError: Redis is away; what was done is done, and calling again does the rest.
            DeliveryError: Telegram does not take it.
        """
        course = self._course(order, outcome)
        message_ids = order.message_ids
        if message_ids is None:
            message_ids = await self._show(order, course, outcome)
        if not order.is_forgotten:
            await self._remember(order, course, message_ids)
        self._report(course, message_ids)
        await self._orders.end(order.id)

    def _course(self, order: Order, outcome: Piece | GovorunError) -> Course:
        """Return how the turn has gone by now; the ask is told without what was said before."""
        question = replace(order.question, place=order.place)
        model = self._prompts.catalogue.choice(ModelChoice(order.model))
        ask = Ask(model, question.spoken, photos=question.photos, asker_id=question.person.user_id)
        started_at = self._stopwatch() - (self._clock() - order.asked_at)
        course = Course(question, order.dialogue, ask, started_at, order.asked_at)
        if isinstance(outcome, Piece):
            course.take_up(outcome)
        else:
            course.is_failed, course.outcome = True, type(outcome).__name__
            log.warning("turn failed", error=f"{course.outcome}: {outcome}")
        return course

    async def _show(self, order: Order, course: Course, outcome: Piece | GovorunError) -> tuple[int, ...]:
        """Deliver, unless an earlier attempt has, write that down and return the messages.

        An answer that replaces an earlier one comes in messages of its own, because nobody looks at the old
        ones any more; they go when it is there. If there is no new one, they stay.
        """
        question = course.question
        async with self._replies.open(
            question.place, question.person, reply_id=order.id, manner=self._manner(order, course)
        ) as reply:
            if reply.earlier_answer is not None:
                log.info("delivered before")
            elif isinstance(outcome, Piece):
                await reply.finish(outcome.text, is_truncated=outcome.ending is Ending.TRUNCATED)
            else:
                await reply.fail(outcome)
            await self._note_delivery(order, reply.message_ids)
            return reply.message_ids

    def _manner(self, order: Order, course: Course) -> Manner:
        """Return how the prompt wants its answers; nothing grows, so there is nothing for drafts to show."""
        self._prompts.refresh()
        replaced = () if order.has_moved or not course.answer else course.question.in_place
        manner = self._prompts.get(order.prompt).manner
        return replace(manner, transport=Transport.EDIT, replaces=replaced)

    async def _note_delivery(self, order: Order, message_ids: tuple[int, ...]) -> None:
        """Insist, because a replica that does not know would deliver it again when the journal is forgotten."""
        while True:
            try:
                await self._orders.delivered(order.id, message_ids)
            except StoreError as error:
                log.debug("redis is away", error=str(error))
                await self._sleep(_PAUSE_S)
            else:
                return

    async def _remember(self, order: Order, course: Course, message_ids: tuple[int, ...]) -> None:
        """Commit the turn as one of now, so that no silence seems to lie before it."""
        if course.answer:
            turn = replace(course.turn(), asked_at=self._clock())
            replaced = course.question.replaced_id
            await self._history.append(course.dialogue, turn, turn_id=order.id, instead_of=replaced)
        if not order.has_moved and await self._is_newest(order):
            kept = () if course.answer else course.question.in_place
            exchange = course.exchange((*kept, *message_ids))
            await self._exchanges.keep(course.dialogue.conversation, exchange)

    async def _is_newest(self, order: Order) -> bool:
        """Whether nothing was asked there since, neither answered nor on its way."""
        here = order.dialogue.conversation
        newest = await self._exchanges.newest(here)
        if newest and newest.asked_at > order.asked_at:
            return False
        return all(other.asked_at <= order.asked_at for other in await self._orders.pending(here))

    def _report(self, course: Course, message_ids: tuple[int, ...]) -> None:
        trace = replace(course.trace(message_ids, self._stopwatch()), is_late=True)
        log_turn(trace)
        self._witness.turn_ended(trace)
