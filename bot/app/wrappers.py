"""What stands around the models, from outside: the gate, fallbacks, retries, the breaker.

A question gets its seat once and keeps it through all attempts and fallbacks, so that whoever is tried again
does not stand in line again. A fallback is asked when the retries of the model before it are over, or at once
if the breaker leaves that model alone. Each attempt passes the breaker, so that it sees every failure.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from redis.asyncio import Redis

from bot import settings
from bot.backends.breaker import Breaker
from bot.backends.fallback import FallingBack
from bot.backends.gate import Gate
from bot.backends.retries import Retrying
from bot.backends.seats import Seats
from bot.metrics import Metrics
from bot.ports import ModelBackend


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose seats they are, and who counts them."""

    redis: Redis
    bot_id: int
    metrics: Metrics


@asynccontextmanager
async def wrapped(
    backend: ModelBackend, wanted: settings.Settings, scope: Scope
) -> AsyncIterator[ModelBackend]:
    """Wrap a backend that asks each question once; it must stay open while the context is."""
    metrics = scope.metrics
    breaker = Breaker(backend)
    metrics.watch("models_left_alone", "Models that are not asked for a while.", lambda: breaker.open_circuits)
    insisting = FallingBack(Retrying(breaker))
    most = 0 if wanted.is_own_server_alone else wanted.yandex.concurrent_generations
    if most == 0:
        yield insisting
        return
    seats = Seats(
        scope.redis,
        scope.bot_id,
        most,
        limit_s=wanted.yandex.line_timeout_s,
        when_seated=metrics.seated,
    )
    metrics.watch("seats_taken", "Questions that the model service answers now.", lambda: seats.taken)
    metrics.watch("seats_wanted", "Questions in line for the model service.", lambda: seats.waiting)
    async with seats:
        yield Gate(insisting, seats)
