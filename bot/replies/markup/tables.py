"""A table that grows row by row: aligned columns while they fit a phone, records as soon as they do not.

Columns are never longer than a message: what follows begins anew under the same head. A row that makes the
table too wide turns it into records, `Head: cell` by line, where styles and links work and nothing is cut.
"""

from bot.replies.entities import Kind, Rendered
from bot.replies.markup import inline, live, table
from bot.replies.markup.lead import Lead
from bot.replies.markup.leaves import Leaf
from bot.replies.pieces import Piece


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
            return [self._record(one) for one in rows]
        pieces: list[Piece] = []
        if self._rows and (table.line_width(widths) + 1) * (len(self._rows) + 3) > self._most_units:
            pieces.append(self._columns())
            self._rows, widths = (), table.widened(table.widened([], self._head.plain), row.plain)
        self._widths, self._is_half = widths, is_open and not self._is_begun
        self._rows = (*self._rows, row)
        return pieces

    def end(self, *, is_open: bool) -> list[Piece]:
        """Return the rows that are left; a head waits for a whole row as long as the text grows."""
        if is_open and len(self._rows) == self._is_half:
            return []
        if self._rows or not (self._is_begun or self._is_wide):
            return [self._columns()]
        if self._is_begun:
            return []
        return [self._next_lead().text(inline.rendered(" | ".join(self._head.cells), Kind.BOLD))]

    def _columns(self) -> Piece:
        rows = [self._head.plain, *(row.plain for row in self._rows)]
        text = table.drawn(rows, self._widths, self._marks)
        return self._next_lead().box(Rendered(text.strip("\n")), object(), is_whole=True)

    def _record(self, row: "_Row") -> Piece:
        lines = Rendered()
        heads = [*self._head.cells, *[""] * len(row.cells)]
        for head, cell in zip(heads, row.cells, strict=False):
            lines = lines.joined("\n", _field(head, cell))
        return self._next_lead().text(lines)

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
        self.is_broken = any("\n" in cell for cell in self.cells)
        self.plain = [inline.plain(cell) for cell in self.cells]


def _field(head: str, cell: str) -> Rendered:
    content = inline.rendered(cell)
    if not head:
        return content
    label = inline.rendered(head if head.endswith(":") else f"{head}:", Kind.BOLD)
    return label.joined(" ", content)
