"""A classifier that keeps the pace which the service wants, and tries again what may pass."""

import asyncio
import random
from collections.abc import Awaitable, Callable

import structlog

from bot.backends.pacing import Pacing
from bot.errors import BackendError, BackendTimeout, ConnectionCut, Overloaded, QuotaExceeded
from bot.ports import Classifier
from bot.types import Scheme, Verdict

log = structlog.get_logger(__name__)

_FIRST_PAUSE_S = 1.0
_LONGEST_ADVICE_S = 30.0


class PacedClassifier:
    """The same classifier, each of whose requests waits for its turn.

    What may pass is tried again, after pauses that double from a second and are spread by ±50 %. A refusal for
    coming too soon makes all replicas pause. Also tried again is what may have arrived without our hearing of
    it: a verdict changes nothing at the service, and costs next to nothing.
    """

    def __init__(
        self,
        classifier: Classifier,
        pacing: Pacing,
        attempts: int = 4,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._classifier = classifier
        self._pacing = pacing
        self._attempts = attempts
        self._sleep = sleep
        self._chance = chance

    async def classify(self, text: str, scheme: Scheme, *, asker_id: int = 0) -> Verdict:
        """Return the first verdict there is; raise the last error if there is none."""
        attempt = 0
        while True:
            attempt += 1
            await self._pacing.turn(asker_id)
            try:
                return await self._classifier.classify(text, scheme, asker_id=asker_id)
            except BackendError as error:
                if attempt >= self._attempts or not _is_worth_another(error):
                    raise
                log.info("classification repeated", error=f"{type(error).__name__}: {error}")
                failure = error
            await self._pause(attempt, failure)

    async def _pause(self, attempt: int, error: BackendError) -> None:
        pause_s = max(_advice_s(error), _FIRST_PAUSE_S * 2.0 ** (attempt - 1) * (0.5 + self._chance()))
        if isinstance(error, QuotaExceeded):
            await self._pacing.rest(pause_s)
        else:
            await self._sleep(pause_s)


def _is_worth_another(error: BackendError) -> bool:
    if isinstance(error, ConnectionCut | BackendTimeout):
        return True
    return error.is_transient and _advice_s(error) <= _LONGEST_ADVICE_S


def _advice_s(error: BackendError) -> float:
    return (error.retry_after_s or 0.0) if isinstance(error, Overloaded) else 0.0
