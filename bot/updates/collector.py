"""The collector: takes orders that are due, lets each be attended to, shows signs of life.

A crash at any moment leaves the order in Redis and its lease unrenewed; any replica takes it up then. What
breaks again and again ends with an apology, and so does what no process survives.
"""

import asyncio
import functools
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace

import structlog

from bot.errors import ChatGone, DeliveryError, DeliveryTimeout, StoreError
from bot.orders import Order, TakenOrders
from bot.tasks import put_down
from bot.updates.vigil import guarded, stay_alive

log = structlog.get_logger(__name__)

Attend = Callable[[Order], Awaitable[float | None]]
"""Does what can be done for an order now; returns in how many seconds to look again, None if it is over."""
Apologise = Callable[[Order], Awaitable[None]]
"""Tells the person that something broke."""
End = Callable[[], Awaitable[None]]
"""Writes down how an order goes on."""

_LONGEST_REST_S = 30.0
"""Between two attempts to deliver what Telegram does not take now."""
_CLEANUP_S = 5.0
"""How long a delivery that is broken off may wait for its call in flight."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How a collector works."""

    concurrency: int = 1000
    lease_s: float = 8
    failures: int = 5
    """Before an order is given up."""
    deaths: int = 15
    """Of processes that attended to an order, before it is taken for the cause."""
    stop_timeout_s: float = 20
    pause_s: float = 0.5
    """Between two questions for what is due."""


class Collector:
    """Collects answers until it is told to stop; then lets what is being delivered finish, if there is time."""

    def __init__(
        self,
        orders: TakenOrders,
        attend: Attend,
        apologise: Apologise,
        terms: Terms,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._orders = orders
        self._attend = attend
        self._apologise = apologise
        self._terms = terms
        self._sleep = sleep
        self._running: dict[str, asyncio.Task[None]] = {}
        self._is_stopping = False
        self._calm_s = 0.0
        """How long nothing is taken yet, so that those who live can show it when Redis is back."""

    def stop(self) -> None:
        """Take nothing more; `run` returns when what runs has finished, or when its time is up."""
        self._is_stopping = True

    async def run(self) -> None:
        """Collect until `stop`; survives Redis being away."""
        alive = asyncio.create_task(
            stay_alive(self._renew, lease_s=self._terms.lease_s, pause_s=self._terms.pause_s, sleep=self._sleep)
        )
        try:
            while not (self._is_stopping or alive.done()):
                await self._look()
                await self._sleep(self._terms.pause_s)
            if alive.done():
                alive.result()
            if self._running:
                await asyncio.wait(self._running.values(), timeout=self._terms.stop_timeout_s)
        finally:
            await put_down(*self._running.values(), again_after_s=_CLEANUP_S)
            await put_down(alive)

    async def _look(self) -> None:
        """Take what is due; if Redis was away, and all leases may look lost, not before it is back a while."""
        step = self._orders.find("") if self._calm_s > 0 else self._take()
        is_there = await guarded(step)
        self._calm_s = max(0.0, self._calm_s - self._terms.pause_s) if is_there else self._terms.lease_s / 2

    async def _take(self) -> None:
        for order in await self._orders.take(self._terms.concurrency - len(self._running)):
            if order.id in self._running:
                continue  # late signs of life made it look abandoned
            task = asyncio.create_task(self._work(order), name=f"order {order.id}")
            self._running[order.id] = task
            task.add_done_callback(functools.partial(self._end, order.id))

    def _end(self, order_id: str, _task: asyncio.Task[None]) -> None:
        del self._running[order_id]

    async def _renew(self) -> None:
        for order_id in await self._orders.renew(tuple(self._running)):
            if task := self._running.get(order_id):
                log.warning("order lost", order=order_id)
                task.cancel()

    async def _work(self, order: Order) -> None:
        """Attend to one order and write down how it goes on, as long as Redis does not listen."""
        with structlog.contextvars.bound_contextvars(
            conversation=order.dialogue.conversation.slug, order=order.id
        ):
            try:
                end = await self._attended(order)
                while not await guarded(end()):
                    await self._sleep(self._terms.pause_s)
            except asyncio.CancelledError:
                with suppress(TimeoutError):
                    async with asyncio.timeout(_CLEANUP_S):
                        await guarded(self._orders.release(order, look_in_s=0))
                raise

    async def _attended(self, order: Order) -> End:
        """Attend to it, and return what is to be written down."""
        if order.takes > self._terms.deaths:
            return await self._buried(order, "the bot died each time it attended to this")
        try:
            pause_s = await self._attend(order)
        except StoreError as error:
            log.debug("redis is away", error=str(error))
            return self._later(order, self._terms.pause_s)
        except DeliveryError as error:
            return self._undelivered(order, error)
        except Exception as error:
            order = replace(order, failures=order.failures + 1)
            log.exception("order failed", attempt=order.failures)
            if order.failures >= self._terms.failures:
                return await self._buried(order, f"{type(error).__name__}: {error}")
            return self._later(order, self._terms.pause_s * order.failures)
        looked_at = replace(order, looks=order.looks + 1)
        return _nothing if pause_s is None else self._later(looked_at, pause_s)

    def _undelivered(self, order: Order, error: DeliveryError) -> End:
        """Put it off while Telegram wants silence; let it be if the chat is gone or does not take it."""
        if isinstance(error, DeliveryTimeout):
            log.debug("delivery put off", error=str(error), retry_after_s=error.retry_after_s)
            return self._later(order, min(_LONGEST_REST_S, max(self._terms.pause_s, error.retry_after_s)))
        if isinstance(error, ChatGone):
            log.info("chat is gone", error=str(error))
        else:
            log.error("not delivered", error=str(error))
        return functools.partial(self._orders.end, order.id)

    async def _buried(self, order: Order, why: str) -> End:
        log.error("order buried", why=why)
        try:
            await self._apologise(order)
        except Exception:
            log.exception("apology failed")
        return functools.partial(self._orders.end, order.id)

    def _later(self, order: Order, pause_s: float) -> End:
        return functools.partial(self._orders.release, order, look_in_s=pause_s)


async def _nothing() -> None:
    """Write nothing down."""
