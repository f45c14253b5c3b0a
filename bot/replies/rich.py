"""Answers as rich messages, which Telegram lays out itself: tables, formulas, headings, quotes within lists.

Telegram parses the Markdown, so it must mean there what the model meant; see `bot.replies.markup.neutral`.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from copy import copy

from bot.replies.contents import Rich, kept
from bot.replies.entities import is_visible
from bot.replies.markup import table
from bot.replies.markup.source import Source, clean
from bot.replies.rich_page import RichPage

RICH_UNITS = 32_768
"""The most UTF-16 units in one rich message, which are never fewer than Telegram's characters."""
RICH_BLOCKS = 500
"""The most blocks in one, with those within others, items of lists and rows of tables."""
_MOST_COLUMNS = 20
_CODE = re.compile(r"^([ >]*)(`{3,}|~{3,}).*?(?:^[ >]*\2[`~]*[ ]*$|\Z)", re.MULTILINE | re.DOTALL)
_MANY_PIPES = re.compile(r"^(?:[^|\n]*\|){20}.*$", re.MULTILINE)
_DEEP = re.compile(
    r"^(?:[ ]*(?:>|(?:[-+*]|\d{1,9}[.)])(?=[ ]))){7}|^[ ]{12,}(?:[-+*]|\d{1,9}[.)])[ ]", re.MULTILINE
)


class RichComposer:
    """Composes Markdown for rich messages: at most 32,768 UTF-16 units, and 500 blocks, in a part."""

    def __init__(self, most_blocks: int = RICH_BLOCKS) -> None:
        self._most_blocks = most_blocks
        self._shown: list[Rich] = []
        self._settled: list[Rich] = []
        self._begin(RICH_UNITS)

    def compose(
        self, text: str, *, is_final: bool = True, mark: str = "", most_units: int | None = None
    ) -> Sequence[Rich]:
        """Return the parts; see `Composer`."""
        most_units = most_units or RICH_UNITS
        if most_units != self._most_units or not self._source.is_continued_by(text):
            self._begin(most_units)
        for leaf in self._source.settle(text):
            self._settled = self._kept(self._page.add(leaf))
        self._shown = self._kept(self._rest(is_final=is_final and not mark, mark=clean(mark).strip()))
        return self._shown

    def _begin(self, most_units: int) -> None:
        self._most_units = most_units
        self._source = Source()
        self._page = RichPage(most_units, self._most_blocks)
        self._settled = []

    def _rest(self, *, is_final: bool, mark: str) -> Iterator[str]:
        """Yield the parts that more text may change."""
        page = copy(self._page)
        for leaf in self._source.rest(is_final=is_final):
            yield from page.add(leaf)
        if mark:
            yield from page.add_mark(mark)
        yield page.rest()

    def _kept(self, more: Iterable[str]) -> list[Rich]:
        """Return the settled parts and more."""
        return kept(self._settled, (Rich(part) for part in more if is_visible(part)), self._shown)


def fits_rich(text: str) -> bool:
    """Whether Telegram's limits allow for this Markdown, however many rich messages it takes.

    If not, entities show it: a table with too many columns, or too many things within one another, cannot be
    cut. Estimated from the lines, because it is asked of every frame, and rather too strict than too kind.
    """
    bare = _CODE.sub("\n\nx\n\n", text)
    if any(len(table.cells(found.group())) > _MOST_COLUMNS for found in _MANY_PIPES.finditer(bare)):
        return False
    return _DEEP.search(bare) is None
