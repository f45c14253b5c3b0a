"""Failures in a row: told once an episode, waited out longer and longer."""

import time
from collections.abc import Callable, Mapping

import structlog
from aiogram.exceptions import TelegramConflictError, TelegramRetryAfter

log = structlog.get_logger(__name__)

_FIRST_S, _SLOWEST_S = 0.5, 15.0
_DOUBLINGS = 5
_CALM_S: Mapping[type[Exception], float] = {TelegramConflictError: 60.0}
"""How long it must have been quiet before such an episode is over: two who poll with one token take turns."""


class Troubles:
    """Counts failures of something that is tried again and again."""

    def __init__(
        self,
        otherwise: str,
        sentences: Mapping[type[Exception], str],
        *,
        over: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._otherwise = otherwise
        self._sentences = sentences
        self._over = over
        self._clock = clock
        self._kind: type[Exception] | None = None
        self._failures = 0
        self._failed_at = 0.0
        self.sentence = ""
        """What is wrong at the moment; empty: nothing."""

    def add(self, error: Exception) -> float:
        """Note a failure; returns how many seconds to wait before the next attempt."""
        kind = type(error)
        if kind is not self._kind:
            self.sentence = self._sentences.get(kind, self._otherwise)
            log.error(self.sentence, error=str(error))
        self._kind, self._failed_at = kind, self._clock()
        self._failures += 1
        pause_s: float = min(_SLOWEST_S, _FIRST_S * 2 ** min(self._failures - 1, _DOUBLINGS))
        return max(pause_s, error.retry_after) if isinstance(error, TelegramRetryAfter) else pause_s

    def end(self) -> None:
        """Note a success."""
        self._failures = 0
        if self._kind and self._clock() - self._failed_at >= _CALM_S.get(self._kind, 0.0):
            log.info(self._over)
            self._kind, self.sentence = None, ""
