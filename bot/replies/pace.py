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
    """How much a call matters, the most first; what matters less leaves tokens in the buckets for what does."""

    FINAL = 1
    FIRST = 2
    """The frame with an answer's first text: until then nobody knows that it is coming."""
    FRAME = 3
    FOLLOW_UP = 4
    """What belongs to the frame before it, in another message: it does not wait for a strained process."""
    TYPING = 5


_NEED_IN_CHAT = {
    Importance.FINAL: 1.0,
    Importance.FIRST: 2.0,
    Importance.FRAME: 2.0,
    Importance.FOLLOW_UP: 2.0,
    Importance.TYPING: 3.0,
}
_NEED_OVERALL = {
    Importance.FINAL: 1.0,
    Importance.FIRST: 2.0,
    Importance.FRAME: 3.0,
    Importance.FOLLOW_UP: 3.0,
    Importance.TYPING: 4.0,
}


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
        return Quota(min(_NEED_IN_CHAT[importance], size), rate, size)

    def overall(self, importance: Importance) -> Quota:
        """Return what the bucket of all chats must hold.

        Full, it lets through its size and its rate in one second: together they are the limit. A small one
        lets through more in the long run, and whoever matters most has little to wait for the next token.
        """
        size = max(1.0, self.calls_per_second / 5)
        rate = max(self.calls_per_second - size, self.calls_per_second / 2)
        return Quota(min(_NEED_OVERALL[importance], size), rate, size)
