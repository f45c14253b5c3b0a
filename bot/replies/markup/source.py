"""The growing source of one answer, read once: what is settled stays, the rest is read again.

A line is settled when its end is there, and a very long one in stretches, so no frame costs more than a few
hundred characters, whatever the text is.
"""

import re
from dataclasses import replace

from bot.replies.markup.blocks import Blocks
from bot.replies.markup.leaves import Leaf, Shape

_LONG_LINE = 256
"""Characters from which the end of a line is no longer waited for."""
_DROPPED = re.compile("[\u2028-\u202e\u030a\u0333\u033f]")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SURROGATES = re.compile("[\ud800-\udfff]")


class Source:
    """Reads a text that grows; one that is revised is read by a new one."""

    def __init__(self) -> None:
        self._text = ""
        self._read = 0
        self._proof = 0
        self._is_amid = False
        self._blocks = Blocks()

    def is_continued_by(self, text: str) -> bool:
        """Whether the text begins with all that is settled, and with what proves that it is."""
        return text.startswith(self._text) or text[: self._proof] == self._text[: self._proof]

    def settle(self, text: str) -> list[Leaf]:
        """Take the whole text so far and return the leaves that have settled since the last time."""
        self._text = text
        while True:
            start, limit = self._read, self._read + _LONG_LINE + 1
            line_break = text.find("\n", start, limit)
            if line_break >= 0:
                self._settle_to(line_break, is_amid=False)
                self._read += 1
            elif len(text) >= limit:
                self._settle_to(self._stretch_end(), is_amid=True)
            else:
                leaves, self._blocks.done = self._blocks.done, []
                return leaves
            self._proof = max(self._read, self._proof if line_break >= 0 else limit)

    def rest(self, *, is_final: bool) -> list[Leaf]:
        """Return the leaves that are not settled; those of a growing text for a frame."""
        blocks = self._blocks.copy()
        *lines, last = clean(self._text[self._read :]).split("\n")
        is_amid = self._is_amid
        for line in lines:
            _read(blocks, line, is_amid=is_amid)
            is_amid = False
        if is_final or is_amid:
            _read(blocks, last, is_amid=is_amid)
        is_half = not is_final and (is_amid or blocks.read_half(last))
        leaves = blocks.end(is_open=not is_final)
        if is_half and leaves and leaves[-1].shape is Shape.ROW:
            leaves[-1] = replace(leaves[-1], is_open=True)
        return leaves

    def _stretch_end(self) -> int:
        start, end = self._read + _LONG_LINE // 2, self._read + _LONG_LINE
        return self._text.rfind(" ", start, end) + 1 or end

    def _settle_to(self, end: int, *, is_amid: bool) -> None:
        for line in clean(self._text[self._read : end].removesuffix("\r")).split("\n"):
            _read(self._blocks, line, is_amid=self._is_amid)
            self._blocks.give_stretches()
            self._is_amid = False
        self._is_amid, self._read = is_amid, end


def _read(blocks: Blocks, line: str, *, is_amid: bool) -> None:
    if is_amid:
        blocks.read_more(line)
    else:
        blocks.read(line)


def clean(source: str) -> str:
    """Do to the source what Telegram would do to the text: controls become blanks, direction marks go.

    Tabs are expanded first, because Telegram makes one blank of each.
    """
    source = source.replace("\r\n", "\n").replace("\r", "\n").expandtabs(4)
    if not source.isascii():
        source = _SURROGATES.sub("\ufffd", _DROPPED.sub("", source))
    return _CONTROLS.sub(" ", source)
