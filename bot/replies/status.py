"""What stands in the place of an answer until there is a text: that the model thinks, or the place in a line.

Source: https://core.telegram.org/bots/api#messageentity (`expandable_blockquote` is shown collapsed).
"""

from collections.abc import Callable

from bot.replies.entities import Entity, Kind, Rendered, units
from bot.replies.markup.source import clean
from bot.replies.voice import ReplyWords

LOOK_S = 1.5
"""How often a reply without a text looks what there is to tell; thinking shorter than this is not told."""
_MOST_CHARS = 900
"""Of the thoughts: more is not read while it changes."""


class Prelude:
    """What is known of an answer before its first text; times are seconds of the clock."""

    def __init__(self, words: ReplyWords, clock: Callable[[], float]) -> None:
        self._words = words
        self._clock = clock
        self._thought = ""
        self._thinking_since: float | None = None
        self._place = 0

    def think(self, thought: str) -> None:
        """Take note that the model is at it, and of the newest of its thoughts."""
        if self._thinking_since is None:
            self._thinking_since = self._clock()
        self._thought, self._place = thought, 0

    def stand_in_line(self, place: int) -> None:
        """Take note that others are answered first: the model does not think yet."""
        self._thinking_since, self._place = None, place

    def told(self) -> Rendered | None:
        """Return what is to be shown now; None: nothing yet."""
        if self._place:
            return _line(f"🕐 {self._words.in_line.format(place=self._place)}")
        thinking_s = self._thinking_s
        return status(self._words, thinking_s, self._thought) if thinking_s >= LOOK_S else None

    @property
    def pause_s(self) -> float:
        """How long nothing new need be told."""
        return LOOK_S - self._thinking_s if self._thinking_s < LOOK_S else LOOK_S

    @property
    def _thinking_s(self) -> float:
        return 0.0 if self._thinking_since is None else self._clock() - self._thinking_since


def status(words: ReplyWords, seconds: float, thought: str) -> Rendered:
    """Return a line about the time, and below it the end of the thoughts as a collapsed quote."""
    shown = _line(f"💭 {words.thinking.format(seconds=round(seconds))}")
    end = clean(thought).strip()
    if not end:
        return shown
    if len(end) > _MOST_CHARS:
        end = "…" + end[-_MOST_CHARS:].lstrip()
    return shown.joined("\n\n", Rendered(end, (Entity(Kind.EXPANDABLE, 0, units(end)),)))


def _line(text: str) -> Rendered:
    return Rendered(text, (Entity(Kind.ITALIC, 0, units(text)),))
