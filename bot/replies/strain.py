"""How late this process runs, and by how much frames are therefore further apart.

A thousand answers at once are more frames than one processor can make. If each of them tried, all would be late
and so would be the ends of answers; so frames are made more seldom, in every chat alike, until the rest of the
work is in time again.
"""

import asyncio
from collections.abc import Callable

_LOOK_S = 0.05
"""How often the lateness is measured while frames are asked for."""
_OVER_S = 1.0
"""What was measured that long ago says nothing any more."""
_IN_TIME_S = 0.03
"""Lateness that nobody notices."""
_GAIN = 8.0
_MOST_S = 1.2
"""Added to the second between frames, and no more, because a late frame takes about a second itself."""
_MOST_CHATS = 10_000


class Strain:
    """Spreads the frames of all chats of this process; times are seconds of the given clock."""

    def __init__(self, interval_s: float, clock: Callable[[], float]) -> None:
        self._interval_s = interval_s
        self._clock = clock
        self._framed_at: dict[int, float] = {}
        self._lateness_s = 0.0
        self._measured_at = float("-inf")
        self._look: asyncio.TimerHandle | None = None

    def wait_s(self, chat_id: int) -> float:
        """Return the seconds until a chat should have another frame; 0.0 unless the process is late."""
        loop = asyncio.get_running_loop()
        if self._look is None:
            self._look = loop.call_later(_LOOK_S, self._measure, loop, loop.time() + _LOOK_S)
        if (extra_s := self._extra_s(loop.time())) == 0.0:
            return 0.0
        since_s = self._clock() - self._framed_at.get(chat_id, float("-inf"))
        return max(0.0, self._interval_s + extra_s - since_s)

    def framed(self, chat_id: int) -> None:
        """Note that a chat gets a frame now."""
        now = self._clock()
        if len(self._framed_at) > _MOST_CHATS:
            recent = now - self._interval_s - _MOST_S
            self._framed_at = {chat: at for chat, at in self._framed_at.items() if at > recent}
        self._framed_at[chat_id] = now

    def _extra_s(self, now: float) -> float:
        if now - self._measured_at > _OVER_S:
            return 0.0
        return min(_MOST_S, _GAIN * max(0.0, self._lateness_s - _IN_TIME_S))

    def _measure(self, loop: asyncio.AbstractEventLoop, due: float) -> None:
        self._look = None
        self._measured_at = loop.time()
        self._lateness_s = (self._lateness_s + self._measured_at - due) / 2
