"""A long text cut into messages: whole, in order, and where a reader would pause.

Source: https://core.telegram.org/bots/api#sendmessage (1-4096 characters; counted here in UTF-16 units, which
is never less).
"""

import re
import unicodedata
from collections.abc import Iterator

from bot.replies.entities import BLANKS, MOST_ENTITIES, Kind, Rendered, units

MESSAGE_UNITS = 4096
"""The most UTF-16 units in one message."""

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
_LONGEST_CLUSTER = 32


def split(whole: Rendered, most_units: int = MESSAGE_UNITS) -> list[Rendered]:
    """Cut into parts of at most `most_units`; entities are closed at a cut and reopened behind it.

    No part begins or ends with blanks, so the blanks around a cut are what the parts together lack. Each cut
    depends on the text up to the end of its part's window alone: while a text grows, earlier parts stay.
    """
    return [_part(whole, start, end).capped() for start, end in _cuts(whole, most_units)]


def _part(whole: Rendered, start: int, end: int) -> Rendered:
    return whole if end - start == len(whole.text) else whole.cut(start, end)


def _cuts(whole: Rendered, most_units: int) -> Iterator[tuple[int, int]]:
    """Yield where parts begin and end, in characters."""
    text = whole.text
    start = _skipped(text, 0)
    while start < len(text):
        window = _fitting(text, start, _most(whole, start, most_units))
        stop = len(text) if window == len(text) else start + _pause(text[start : window + 1])
        yield start, start + len(text[start:stop].rstrip(BLANKS))
        start = _skipped(text, stop)


def _skipped(text: str, start: int) -> int:
    rest = text[start:]
    return start + len(rest) - len(rest.lstrip(BLANKS))


def _most(whole: Rendered, start: int, most_units: int) -> int:
    """Return the room for this part: less if it would hold more links than Telegram keeps."""
    first = units(whole.text[:start])
    links = [one for one in whole.entities if one.type is Kind.LINK and one.end > first]
    if len(links) <= MOST_ENTITIES:
        return most_units
    return max(1, min(most_units, links[MOST_ENTITIES].offset - first))


def _fitting(text: str, start: int, most_units: int) -> int:
    """Return the end of the longest stretch from `start` that fits, at least one character."""
    window = text[start : start + most_units]
    if units(window) > most_units:
        window = window.encode("utf-16-le")[: 2 * most_units].decode("utf-16-le", "ignore")
    return start + max(1, len(window))


def _pause(window: str) -> int:
    """Return where to cut; the window has one character more than fits.

    A pause in the second half is preferred, the weightiest first, so that no message is nearly empty.
    """
    for least in (len(window) // 2, 1):
        for pause in _PAUSES:
            ends = [found.end() for found in pause.finditer(window, least)]
            if ends:
                return ends[-1]
    return _between_clusters(window)


def _between_clusters(window: str) -> int:
    """Return the last place that does not tear an emoji or an accented letter apart."""
    last = len(window) - 1
    for at in range(last, max(0, last - _LONGEST_CLUSTER), -1):
        if not _is_glued(window[at - 1], window[at]):
            return at
    return last


def _is_glued(before: str, after: str) -> bool:
    return before == "\u200d" or after in _GLUE or after in _SKIN_TONES or unicodedata.combining(after) > 0
