"""How fast a bot may speak to Telegram, in numbers, and how much a call matters.

Source: https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this (1 a second in a chat,
20 a minute in a group, 30 a second in all; sends, edits and the rest share them).
"""

from dataclasses import dataclass
from enum import IntEnum

SLOWER = 1.5
"""By how much a chat is slowed down after each 429."""
SLOWEST = 8.0
RECOVERY_S = 120.0
"""The time in which half of the slowness wears off."""


class Importance(IntEnum):
    """How much a call matters: the tokens that must be left in a chat's bucket for it to be granted."""

    FINAL = 1
    FRAME = 2
    """Leaves one for the final call."""
    TYPING = 3


@dataclass(frozen=True, slots=True)
class Quota:
    """What a call must find in a bucket: `need` tokens of at most `size`, refilled at `rate` a second."""

    need: float
    rate: float
    size: float


@dataclass(frozen=True, slots=True)
class Pace:
    """The rates of the buckets, and the rhythm of frames."""

    private_calls_per_second: float = 0.95
    private_burst: int = 4
    group_calls_per_minute: float = 16
    group_burst: int = 4
    calls_per_second: float = 30
    """Over all chats; 0: no limit."""
    frame_interval_s: float = 1.0
    """Frames of one answer are never closer."""
    first_frame_delay_s: float = 0.1
    """The first frame waits this long for more, so that a very short answer comes whole."""
    patience_s: float = 600
    """How long a final call insists, flood waits and outages included."""
    typing_interval_s: float = 4.5
    """Telegram shows a chat action for 5 seconds."""

    def in_chat(self, importance: Importance, *, is_group: bool) -> Quota:
        """Return what the chat's own bucket must hold."""
        rate = self.group_calls_per_minute / 60 if is_group else self.private_calls_per_second
        size = self.group_burst if is_group else self.private_burst
        return Quota(float(min(importance, size)), rate, size)

    def overall(self, importance: Importance) -> Quota:
        """Return what the bucket of all chats must hold; some of it is kept for final calls."""
        # Full, a bucket lets through its size and its rate in one second: together they are the limit.
        size = max(1.0, self.calls_per_second / 3)
        rate = max(self.calls_per_second - size, self.calls_per_second / 2)
        return Quota(1 + (importance - 1) * size // 10, rate, size)
