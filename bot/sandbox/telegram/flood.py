"""Flood control: how often a bot may speak in one chat, and what happens to who does not listen.

Sending, editing, drafts and chat actions share one account per chat; answering callback queries is free.
Whoever knocks before `retry_after` is over is refused again and waits longer.
Source: Telegram's FAQ for the rates, reports of bots for the penalties; the true figures are not published.
"""

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from bot.sandbox.telegram.refusals import too_many_requests

_MINUTE_S = 60.0


@dataclass(frozen=True, slots=True)
class FloodLimits:
    """The rates; `overall_per_s` of None: no limit over all chats."""

    private_per_s: float = 1
    private_burst: int = 5
    group_per_minute: int = 20
    retry_after_s: float = 3
    overall_per_s: float | None = None


class _Bucket:
    """So many at once, refilled steadily."""

    def __init__(self, per_s: float, burst: float, now: float) -> None:
        self._per_s = per_s
        self._burst = burst
        self._left = burst
        self._at = now

    def take(self, now: float) -> bool:
        self._left = min(self._burst, self._left + (now - self._at) * self._per_s)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class _Window:
    """So many within any minute."""

    def __init__(self, per_minute: int) -> None:
        self._times: deque[float] = deque(maxlen=per_minute)

    def take(self, now: float) -> bool:
        is_full = len(self._times) == self._times.maxlen
        if is_full and now - self._times[0] < _MINUTE_S:
            return False
        self._times.append(now)
        return True


class FloodControl:
    """Counts the calls of one bot; with limits of None everything passes."""

    def __init__(self, limits: FloodLimits | None, clock: Callable[[], float]) -> None:
        self._limits = limits
        self._clock = clock
        self._accounts: dict[int, _Bucket | _Window] = {}
        self._overall: _Bucket | None = None
        self._penalties: dict[int, float] = {}
        self.knocks = 0
        """Calls that came although their chat had been told to wait."""

    def spend(self, chat_id: int) -> None:
        """Count a call in a chat.

        Raises:
            Refusal: 429, with the seconds to wait.
        """
        if self._limits is None:
            return
        now = self._clock()
        if now < self._penalties.get(chat_id, now):
            self.knocks += 1
            self._penalize(chat_id, self._penalties[chat_id], now)
        if not (
            self._account(chat_id, self._limits, now).take(now) and self._is_calm_overall(self._limits, now)
        ):
            self._penalize(chat_id, now, now)

    def is_penalized(self, chat_id: int) -> bool:
        """Whether the chat has been told to wait and the wait is not over."""
        return self._clock() < self._penalties.get(chat_id, 0.0)

    def _penalize(self, chat_id: int, since: float, now: float) -> None:
        until = since + (self._limits.retry_after_s if self._limits else 0)
        self._penalties[chat_id] = until
        raise too_many_requests(math.ceil(until - now))

    def _account(self, chat_id: int, limits: FloodLimits, now: float) -> "_Bucket | _Window":
        account = self._accounts.get(chat_id)
        if account is None:
            is_group = chat_id < 0
            account = _Window(limits.group_per_minute) if is_group else _private_bucket(limits, now)
            self._accounts[chat_id] = account
        return account

    def _is_calm_overall(self, limits: FloodLimits, now: float) -> bool:
        if limits.overall_per_s is None:
            return True
        if self._overall is None:
            self._overall = _Bucket(limits.overall_per_s, limits.overall_per_s, now)
        return self._overall.take(now)


def _private_bucket(limits: FloodLimits, now: float) -> _Bucket:
    return _Bucket(limits.private_per_s, limits.private_burst, now)
