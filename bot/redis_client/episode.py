"""Troubles with Redis, told once an episode and not once a call.

Whoever asks hears of each failure as an error and does what it can; the operator reads one line when it begins
and one when it is over.
"""

import math
import time
from collections.abc import Callable

import structlog

from bot.store import Trouble, described, trouble_of

log = structlog.get_logger(__name__)

_CALM_S = {True: 1.0, False: 30.0}
"""How long nothing may have failed for an episode to be over: what was away is back with the first answers, but
a server that is full, say, answers many calls while it refuses others."""

_FORESEEN = ("BUSYGROUP ", "NOGROUP ")
"""How answers begin that tell whether the inbox was here before: refusals by their form only."""


class Episode:
    """What is wrong with Redis at present."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._told: set[Trouble] = set()
        self._began_at = self._failed_at = -math.inf
        self.trouble = ""
        """What is wrong, for health checks; empty: nothing."""

    def failed(self, error: Exception) -> None:
        """Take note of a failure; one that is a mistake of ours, or an answer, is none of Redis."""
        trouble = trouble_of(error)
        if trouble is None or str(error).startswith(_FORESEEN):
            return
        now = self._clock()
        if not self._told:
            self._began_at = now
        self._failed_at = now
        group = Trouble.AWAY if trouble.is_passing else trouble
        if group not in self._told:
            self._told.add(group)
            self.trouble = described(error)
            log.error("redis is in trouble", why=self.trouble)

    def succeeded(self) -> None:
        """Take note of an answer."""
        if not self._told or self._clock() - self._failed_at < self._calm_s():
            return
        self._told.clear()
        self.trouble = ""
        log.info("redis is well again", after_s=round(self._clock() - self._began_at, 1))

    def _calm_s(self) -> float:
        told = tuple(self._told)  # another thread may end the episode meanwhile
        return _CALM_S[all(trouble.is_passing for trouble in told)]
