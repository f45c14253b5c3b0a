"""Where a long text may be cut: where a reader would pause, and not amid what belongs together."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.replies.entities import units

_PAUSES = tuple(
    re.compile(pattern)
    for pattern in (
        r"\n[ \n]*\n",  # a paragraph ends
        r"\n(?=\S)",  # a line ends, and the next is not indented: in code, a new statement
        r"\n",
        r"(?<=[.!?…。！？])[\"»”)]*[ ]",  # a sentence ends
        r"[ ]",  # a word ends
    )
)
_GLUE = "\u200d\ufe0f\u20e3"
_SKIN_TONES = "\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"
_FLAGS = ("\U0001f1e6", "\U0001f1ff")
_LONGEST_CLUSTER = 32


@dataclass(frozen=True, slots=True)
class Keep:
    """A stretch in characters that is better not cut; one that is weak gives way first."""

    start: int
    end: int
    is_weak: bool = False


def pause(window: str, keeps: Sequence[Keep] = (), *, is_latest: bool = False) -> int:
    """Return where to cut; the window has one character more than fits.

    A pause in the second half is preferred, so that no message is nearly empty: the weightiest there, or the
    latest of all if wanted.
    """
    for kept in _ever_fewer(keeps):
        for least in (len(window) // 2, 1):
            ends = (_last(pattern, window, least, kept) for pattern in _PAUSES)
            free = (end for end in ends if end is not None)
            if (end := max(free, default=None) if is_latest else next(free, None)) is not None:
                return end
    return _between_clusters(window)


def fitting(text: str, most_units: int) -> int:
    """Return the end of the longest stretch from the start that fits, at least one character."""
    window = text[:most_units]
    if units(window) > most_units:
        window = window.encode("utf-16-le")[: 2 * most_units].decode("utf-16-le", "ignore")
    return max(1, len(window))


def _ever_fewer(keeps: Sequence[Keep]) -> Iterator[Sequence[Keep]]:
    if keeps:
        yield keeps
    strong = [keep for keep in keeps if not keep.is_weak]
    if strong and len(strong) < len(keeps):
        yield strong
    yield ()


def _last(pattern: re.Pattern[str], window: str, least: int, keeps: Sequence[Keep]) -> int | None:
    """Return the last end of such a pause; None: there is none that may be cut."""
    ends = [found.end() for found in pattern.finditer(window, least)]
    return next((end for end in reversed(ends) if not _is_kept(end, keeps)), None)


def _is_kept(at: int, keeps: Sequence[Keep]) -> bool:
    return any(keep.start < at < keep.end for keep in keeps)


def _between_clusters(window: str) -> int:
    """Return the last place that does not tear an emoji or an accented letter apart."""
    last = len(window) - 1
    for at in range(last, max(0, last - _LONGEST_CLUSTER), -1):
        if not _is_glued(window, at):
            return at
    return last


def _is_glued(window: str, at: int) -> bool:
    before, after = window[at - 1], window[at]
    if _is_flag(before) and _is_flag(after):
        return _flags_before(window, at) % 2 == 1
    return before == "\u200d" or after in _GLUE or after in _SKIN_TONES or unicodedata.combining(after) > 0


def _is_flag(char: str) -> bool:
    """Whether this is half a flag."""
    return _FLAGS[0] <= char <= _FLAGS[1]


def _flags_before(window: str, at: int) -> int:
    start = at
    while start and _is_flag(window[start - 1]):
        start -= 1
    return at - start
