"""Failures in a row: each kind told once an episode, waited out longer and longer."""

import time
from collections.abc import Callable, Mapping

import structlog
from aiogram.exceptions import TelegramConflictError, TelegramRetryAfter

log = structlog.get_logger(__name__)

_FIRST_S, _SLOWEST_S = 0.5, 15.0
_DOUBLINGS = 5
_CALM_S = 10.0
"""How long it must have been quiet before an episode is over: where every second call fails, it goes on."""
_RIVAL_CALM_S = 60.0
"""The same of two who poll with one token: they take turns."""


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
        self._told: set[str] = set()
        """What was said in this episode."""
        self._calm_s = _CALM_S
        self._failures = 0
        self._failed_at = 0.0
        self.sentence = ""
        """What is wrong at the moment; empty: nothing."""

    def add(self, error: Exception) -> float:
        """Note a failure; returns how many seconds to wait before the next attempt."""
        self.sentence = self._sentences.get(type(error), self._otherwise)
        if self.sentence not in self._told:
            self._told.add(self.sentence)
            log.error(self.sentence, error=str(error))
        if isinstance(error, TelegramConflictError):
            self._calm_s = _RIVAL_CALM_S
        self._failed_at = self._clock()
        self._failures += 1
        pause_s: float = min(_SLOWEST_S, _FIRST_S * 2 ** min(self._failures - 1, _DOUBLINGS))
        return max(pause_s, error.retry_after) if isinstance(error, TelegramRetryAfter) else pause_s

    def end(self) -> None:
        """Note a success."""
        self._failures = 0
        if self._calm_s == _CALM_S:
            self.sentence = ""
        if self._told and self._clock() - self._failed_at >= self._calm_s:
            log.info(self._over)
            self._told.clear()
            self._calm_s, self.sentence = _CALM_S, ""
