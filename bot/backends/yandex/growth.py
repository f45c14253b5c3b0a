"""Lines that hold the whole answer so far, read at the price of what is new in them.

A line usually begins with the very bytes of the one before, up to the end of its text. Then the known text is
cut out before the line is parsed, so that an answer of 32,000 characters costs no more to follow than a short
one. A line that begins otherwise, because the service has revised what it said, is parsed as it is.
"""

import re
from dataclasses import replace

from bot.backends.yandex import wire

_TEXT = re.compile(rb'"text"\s*:\s*"')
_FIRST_HALF, _LAST_HALF = "\ud800", "\udbff"
"""What may be followed by the other half of a character."""
_BACKSLASH = ord("\\")
_ENDS_OF_LINES = (b"\n", b"\r")


class Growth:
    """What one answer said last, and with which bytes."""

    def __init__(self) -> None:
        self._head = bytearray()
        """The last line up to the end of its text; empty: the next line is parsed as it is."""
        self._before = b""
        """The same up to the beginning of its text."""
        self._text = ""

    def said_last(self, block: bytes) -> wire.Said | None:
        """Read the last line of a block if it goes on from the one before; None: it does not, or says nothing.

        Then where it begins is known without a look at all of it.
        """
        if not self._head:
            return None
        end = len(block)
        while block.endswith(_ENDS_OF_LINES, 0, end):
            end -= 1
        start = block.rfind(b"\n", 0, max(0, end - len(self._head))) + 1
        is_one_line = block.find(b"\n", start + len(self._head), end) < 0
        return self._said_on(block, start, end) if is_one_line and self._goes_on(block, start, end) else None

    def said_by(self, block: bytes, start: int, end: int) -> wire.Said | None:
        """Read a line of a block; see `wire.said_by`."""
        if self._head and self._goes_on(block, start, end):
            return self._said_on(block, start, end)
        return self._said_anew(block[start:end])

    def _goes_on(self, block: bytes, start: int, end: int) -> bool:
        return block.startswith(self._head, start, end)

    def _said_on(self, block: bytes, start: int, end: int) -> wire.Said | None:
        known = start + len(self._head)
        said = wire.said_by(self._before + block[known:end])
        if said is None:
            return None
        whole = replace(said, text=self._text + said.text)
        if said.text:
            self._remember(whole.text, block[known : _end_of_text(block, known)])
        return whole

    def _said_anew(self, line: bytes) -> wire.Said | None:
        self._head.clear()
        said = wire.said_by(line)
        found = _TEXT.search(line)
        if said is None or not said.text or found is None:
            return said
        start, end = found.end(), _end_of_text(line, found.end())
        # Some other text may come first; the one that was found is the answer if the answer goes with it.
        without = wire.said_by(line[:start] + line[end:])
        if without is not None and without.text == "":
            self._before = line[:start]
            self._remember(said.text, line[:end])
        return said

    def _remember(self, text: str, more: bytes) -> None:
        self._text = text
        self._head += more
        if _FIRST_HALF <= text[-1] <= _LAST_HALF:
            self._head.clear()


def _end_of_text(line: bytes, start: int) -> int:
    """Return where the quote is that ends the string which goes on at `start`, outside an escape."""
    end = line.find(b'"', start)
    while _is_escaped(line, start, end):
        end = line.find(b'"', end + 1)
    return end


def _is_escaped(line: bytes, start: int, end: int) -> bool:
    backslashes = 0
    while end - backslashes > start and line[end - backslashes - 1] == _BACKSLASH:
        backslashes += 1
    return backslashes % 2 == 1
