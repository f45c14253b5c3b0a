"""A table that grows row by row: aligned columns while they fit a phone, plain lines as soon as they do not.

Columns are never longer than a message: what follows begins anew. A row that makes the table too wide turns it
into lines of text, `cell | cell`, where styles and links work and the phone breaks what is too long. Every cell
is shown once, where the model put it.
"""

from bot.replies.entities import Kind, Rendered
from bot.replies.markup import inline, live, table
from bot.replies.markup.lead import Lead
from bot.replies.markup.leaves import Leaf
from bot.replies.pieces import Piece

_EMPTY = "–"
"""Stands for an empty cell in a line, where columns are not aligned."""


class Table:
    """The rows that wait to be drawn, because one more may change how wide the columns are.

    A shallow copy goes on without touching the original.
    """

    def __init__(self, head: Leaf, lead: Lead, most_units: int) -> None:
        self._lead = lead
        self._most_units = most_units
        self._marks = table.cells(head.info)
        self._head = _Row(head.source)
        self._rows: tuple[_Row, ...] = ()
        self._widths = table.widened([], self._head.plain)
        self._is_wide = table.line_width(self._widths) > table.NARROW
        self._is_begun = False
        self._is_half = False

    def add(self, source: str, *, is_open: bool = False) -> list[Piece]:
        """Take a row and return what is certain now."""
        row = _Row(source, is_open=is_open)
        widths = table.widened(self._widths, row.plain)
        if self._is_wide or row.is_broken or table.line_width(widths) > table.NARROW:
            self._is_wide = True
            rows, self._rows = (*self._rows, row), ()
            return [*self._title(), *(self._line(one) for one in rows)]
        pieces: list[Piece] = []
        if self._rows and (table.line_width(widths) + 1) * (len(self._rows) + 3) > self._most_units:
            pieces.append(self._columns())
            self._rows, widths = (), table.widened([], row.plain)
        self._widths, self._is_half = widths, is_open and not self._is_begun
        self._rows = (*self._rows, row)
        return pieces

    def end(self, *, is_open: bool) -> list[Piece]:
        """Return the rows that are left; a head waits for a whole row as long as the text grows."""
        if is_open and len(self._rows) == self._is_half:
            return []
        if self._rows or not (self._is_begun or self._is_wide):
            return [self._columns()]
        return self._title()

    def _columns(self) -> Piece:
        head = [] if self._is_begun else [self._head.plain]
        text = table.drawn(head, [row.plain for row in self._rows], self._widths, self._marks)
        return self._next_lead().box(Rendered(text.strip("\n")), object(), is_whole=True)

    def _title(self) -> list[Piece]:
        """Return the head as a line, unless it has been shown."""
        if self._is_begun:
            return []
        return [self._next_lead().text(inline.rendered(" | ".join(self._head.cells), Kind.BOLD))]

    def _line(self, row: "_Row") -> Piece:
        gap = "\n" if row.is_broken else " | "
        shown = Rendered()
        for cell in row.shown:
            shown = shown.joined(gap, inline.rendered(cell))
        return self._next_lead().text(shown)

    def _next_lead(self) -> Lead:
        lead, self._lead = self._lead, self._lead.below()
        self._is_begun = True
        return lead


class _Row:
    """The cells of a row, as Markdown and as plain text."""

    def __init__(self, source: str, *, is_open: bool = False) -> None:
        self.cells = table.cells(source)
        if is_open:
            self.cells[-1] = live.closed_cell(self.cells[-1])
        self.shown = [cell or _EMPTY for cell in self.cells]
        """What a line shows of each cell; the last one of a row that grows may yet be written."""
        if is_open and not self.cells[-1]:
            self.shown.pop()
        self.is_broken = any("\n" in cell for cell in self.cells)
        self.plain = [inline.plain(cell) for cell in self.cells]
