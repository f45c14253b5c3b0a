"""The wiring of answers that come later: who orders, who collects, and what both know."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from redis.asyncio import Redis

from bot.conclusion import Conclusions
from bot.history import RedisOrders
from bot.late_answers import LateAnswers, Rhythm
from bot.ordering import Ordering, Terms
from bot.orders import Order
from bot.ports import Accounts, Exchanges, HistoryStore, LaterModel, Notices, Replies, Witness
from bot.promptbook import PromptBook
from bot.running import RunningTurns
from bot.settings import Settings
from bot.texts import PHRASES
from bot.updates.collector import Collector
from bot.updates.collector import Terms as CollectorTerms

_HOUR_S = 3600


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The rooms that a late answer passes through."""

    prompts: PromptBook
    history: HistoryStore
    exchanges: Exchanges
    replies: Replies
    notices: Notices
    running: RunningTurns
    accounts: Accounts
    witness: Witness


@dataclass(frozen=True, slots=True)
class Late:
    """What orders answers, and what collects them."""

    ordering: Ordering
    collector: Collector


def build_late(settings: Settings, model: LaterModel, orders: RedisOrders, rooms: Neighbours) -> Late:
    """Wire both; nothing is started."""
    conclusions = Conclusions(
        prompts=rooms.prompts,
        orders=orders,
        history=rooms.history,
        exchanges=rooms.exchanges,
        replies=rooms.replies,
        witness=rooms.witness,
    )
    wanted = settings.yandex
    terms = Terms(wanted.later_poll_s, wanted.later_timeout_h * _HOUR_S)
    ordering = Ordering(
        orders=orders,
        model=model,
        conclusions=conclusions,
        replies=rooms.replies,
        notices=rooms.notices,
        terms=terms,
    )
    answers = LateAnswers(
        orders=orders,
        model=model,
        conclusions=conclusions,
        prompts=rooms.prompts,
        accounts=rooms.accounts,
        running=rooms.running,
        rhythm=Rhythm(wanted.later_poll_s),
    )
    return Late(ordering, Collector(orders, answers.attend, _apology(rooms.notices), _terms(settings)))


def build_orders(settings: Settings, redis: Redis, bot_id: int, replica: str) -> RedisOrders:
    """Return the store of orders, as one replica sees it."""
    return RedisOrders(
        redis,
        bot_id,
        holder=replica,
        lease_s=settings.workers.lease_s,
        most_of_person=settings.conversations.most_orders_per_person,
    )


def _terms(settings: Settings) -> CollectorTerms:
    wanted = settings.workers
    return CollectorTerms(
        concurrency=wanted.concurrency,
        lease_s=wanted.lease_s,
        failures=wanted.attempts,
        stop_timeout_s=wanted.stop_timeout_s,
    )


def _apology(notices: Notices) -> Callable[[Order], Awaitable[None]]:
    async def apologise(order: Order) -> None:
        phrases = PHRASES[order.question.person.language]
        await notices.say(order.place, phrases.failures.unexpected)

    return apologise
