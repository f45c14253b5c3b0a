"""How hard this process works, how late it runs, and by how much frames are therefore further apart.

A thousand answers at once are more frames than one processor can make. If each of them tried, all would be
late and so would be the ends of answers; so frames are made more seldom, in every chat alike, as soon as little
of the processor is left, and more so while the rest of the work is late nevertheless.
"""

import asyncio
import time
from collections.abc import Callable

_LOOK_S = 0.05
"""How often the lateness is measured while frames are asked for."""
_OVER_S = 1.0
"""What was measured that long ago says nothing any more."""
_IN_TIME_S = 0.03
"""Lateness that nobody notices."""
_GAIN = 8.0
_MOST_S = 1.0
"""Added to the second between frames, and no more, because a late frame takes about a second itself."""
_MOST_CHATS = 10_000
_WINDOW_S = 0.5
"""Over which the work is measured."""
_FULL = 0.85
"""The part of the time that may go into work; the rest is for what comes at once."""
_STEPS = (0.7, 1.5)
"""By how much the pace changes from one window to the next, at least and at most."""


class Strain:
    """Spreads the frames of all chats of this process; times are seconds of the given clock.

    `worked` returns the seconds of processor time that the event loop's thread has used.
    """

    def __init__(
        self,
        interval_s: float,
        clock: Callable[[], float],
        worked: Callable[[], float] = time.thread_time,
    ) -> None:
        self._interval_s = interval_s
        self._clock = clock
        self._load = _Load(worked)
        self._framed_at: dict[int, float] = {}
        self._lateness_s = 0.0
        self._measured_at = float("-inf")
        self._look: asyncio.TimerHandle | None = None

    @property
    def degree(self) -> float:
        """By how much frames are further apart than they should be: from 0.0, not at all, to 1.0, the most."""
        return self._extra_s(asyncio.get_running_loop().time()) / _MOST_S

    def wait_s(self, chat_id: int) -> float:
        """Return the seconds until a chat should have another frame; 0.0 unless the process is strained."""
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
        because_late_s = _GAIN * max(0.0, self._lateness_s - _IN_TIME_S)
        because_busy_s = self._interval_s * (self._load.pace - 1)
        return min(_MOST_S, max(because_late_s, because_busy_s))

    def _measure(self, loop: asyncio.AbstractEventLoop, due: float) -> None:
        self._look = None
        self._measured_at = loop.time()
        self._lateness_s = (self._lateness_s + self._measured_at - due) / 2
        self._load.look(self._measured_at)


class _Load:
    """How far apart frames have to be, as a multiple of what they should be, for the processor to have time.

    If it was too busy with the frames as they were, they come more seldom in proportion, and the other way
    round.
    """

    def __init__(self, worked: Callable[[], float]) -> None:
        self.pace = 1.0
        self._worked = worked
        self._since, self._before_s = float("-inf"), 0.0

    def look(self, now: float) -> None:
        """Measure what was worked since the window began; one that began long ago tells nothing."""
        passed_s = now - self._since
        if passed_s < _WINDOW_S:
            return
        worked_s = self._worked()
        if passed_s > 2 * _OVER_S:
            self.pace = 1.0
        else:
            least, most = _STEPS
            busy = (worked_s - self._before_s) / passed_s
            self.pace = min(1 + _MOST_S, max(1.0, self.pace * min(most, max(least, busy / _FULL))))
        self._since, self._before_s = now, worked_s
