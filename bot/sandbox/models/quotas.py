"""Quotas that bite: a gauge of what runs at once, and rates over some time."""

from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager

from bot.sandbox.models.rules import Rate, Rules, Unacceptable


class Quotas:
    """What of the quotas is used up."""

    def __init__(self) -> None:
        self.open_requests = 0
        """Generations that run now."""
        self.most_open_requests = 0
        """The most that ever ran at once."""
        self.refused: Counter[str] = Counter()
        """How often a quota has bitten, by method."""
        self._passed: dict[Rate, deque[float]] = {}

    def count(self, method: str, now: float, rules: Rules) -> None:
        """Let a request pass unless one of the rates of its method is used up.

        Raises:
            Unacceptable: it is.
        """
        rates = [rate for rate in rules.rates if method in rate.methods]
        for rate in rates:
            passed = self._passed.setdefault(rate, deque())
            while passed and passed[0] <= now - rate.per_s:
                passed.popleft()
            if len(passed) >= rate.allowed:
                self._refuse(method, f"{rate.quota} rate", rate.allowed)
        for rate in rates:
            self._passed[rate].append(now)

    @contextmanager
    def generation(self, method: str, allowed: int) -> Iterator[None]:
        """Occupy one of the concurrent generations; 0 are any number.

        Raises:
            Unacceptable: all of them are occupied.
        """
        if allowed and self.open_requests >= allowed:
            self._refuse(method, "ai.textGenerationCompletionSessionsCount.count gauge", allowed)
        self.open_requests += 1
        self.most_open_requests = max(self.most_open_requests, self.open_requests)
        try:
            yield
        finally:
            self.open_requests -= 1

    def _refuse(self, method: str, quota: str, allowed: int) -> None:
        self.refused[method] += 1
        raise Unacceptable(429, f"{quota} quota limit exceed: allowed {allowed} requests")
