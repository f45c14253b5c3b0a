"""A rich message that is being filled: leaves go in, written as Markdown again; full pages come off.

A page is cut between blocks: what does not fit goes to the next one, a heading with what it heads. Only a block
that no page can hold is cut itself: code and quotes are opened again, and so are tables, under the same head.
An item of a list is not, because it would get a second bullet: what is left of it stands for itself.
"""

import re
from collections.abc import Sequence
from itertools import takewhile

from bot.replies.entities import units
from bot.replies.markup import live, table
from bot.replies.markup.leaves import Item, Leaf, Path, Quote, Shape
from bot.replies.markup.neutral import formula, literal, neutral, neutral_cell

_FENCE = "````````"
"""For code that had none of its own."""
_END = re.compile(r"(#+)$")
_LINES = re.compile(r"\n(?=(.?))")
_MARK = -1
"""The number of the block that is no model's."""


class RichPage:
    """The text since the last cut; a shallow copy goes on without touching the original."""

    def __init__(self, most_units: int, most_blocks: int) -> None:
        self._most_units = most_units
        self._most_blocks = most_blocks
        self._lost: frozenset[Item | Quote] = frozenset()
        self._head: Leaf | None = None
        self._text = self._closing = self._before = self._pad = ""
        self._units = self._blocks = self._number = 0
        self._shape = Shape.NOTHING
        self._path: Path = ()
        self._path_before: Path = ()
        self._block: tuple[Leaf, ...] = ()

    def add(self, leaf: Leaf) -> list[str]:
        """Write a leaf and return the pages that are full."""
        if leaf.number != self._number and self._shape is not Shape.HEADING:
            self._before, self._path_before, self._block = self.rest(), self._path, ()
        earlier, path = self.rest(), self._path
        self._block = (*self._block, leaf)
        self._write(leaf)
        if self._fits() or not earlier:
            return []
        full, block = earlier, self._block[-1:]
        if self._before:
            full, path, block = self._before, self._path_before, self._block
        self._begin(path)
        return [full, *(page for one in block for page in self.add(one))]

    def add_mark(self, mark: str) -> list[str]:
        """Write a plain line."""
        return self.add(Leaf(Shape.NOTHING, (), _MARK, mark, is_apart=True))

    def rest(self) -> str:
        """Return what is on the page, complete."""
        return self._text + self._closing

    def _fits(self) -> bool:
        return self._units + len(self._closing) <= self._most_units and self._blocks <= self._most_blocks

    def _begin(self, path: Path) -> None:
        """Begin a page; what it continues has no signs on it any more."""
        self._lost |= {one for one in path if isinstance(one, Item)}
        self._text = self._closing = self._before = self._pad = ""
        self._units = self._blocks = self._number = 0
        self._shape = Shape.NOTHING
        self._path = self._path_before = ()
        self._block = ()

    def _write(self, leaf: Leaf) -> None:
        is_new = leaf.number != self._number or not self._text
        path = tuple(one for one in leaf.path if one not in self._lost)
        text = self._begun(leaf) if is_new else self._continued(leaf)
        if not text and (leaf.is_open or _common(path, self._path) == len(path)):
            return
        self._blocks += _blocks(leaf, path, self._path, is_new=is_new)
        if is_new:
            lead = self._lead(leaf, path)
            text = lead + text if text else lead.rstrip()
        self._put(_padded(text, self._pad))
        self._number, self._shape = leaf.number, leaf.shape

    def _lead(self, leaf: Leaf, path: Path) -> str:
        """End the block before; return the signs of the containers, those that are new as they begin."""
        depth = _common(path, self._path)
        is_item = any(isinstance(one, Item) for one in path[depth:])
        gap = (
            "\n" if is_item and not leaf.is_apart else "\n" + "".join(map(_blank, path[:depth])).rstrip() + "\n"
        )
        self._put(self._closing + (gap if self._text else ""))
        self._put("".join(map(_blank, path[:depth])))
        self._path, self._pad = path, "".join(map(_blank, path))
        self._closing = _padded(f"\n{leaf.fence or _FENCE}", self._pad) if leaf.shape is Shape.CODE else ""
        return "".join(map(_sign, path[depth:]))

    def _begun(self, leaf: Leaf) -> str:
        """Return the beginning of a block, or of the rest of one that was cut."""
        match leaf.shape:
            case Shape.CODE:
                return f"{leaf.fence or _FENCE}{leaf.info}\n" + leaf.source.lstrip("\n")
            case Shape.ROW:
                return self._begun_table(leaf)
            case Shape.TEXT:
                return "" if leaf.is_open and live.is_half_task(leaf.source) else _text(leaf).lstrip()
        return _short(leaf)

    def _begun_table(self, leaf: Leaf) -> str:
        if self._head is None or self._head.number != leaf.number:
            self._head = leaf
        marks = [mark or "-" for mark in table.cells(leaf.info)]
        count = len(table.cells(self._head.source))
        head = f"{_row(self._head.source, count)}\n{_line((marks + ['-'] * count)[:count])}"
        return head if leaf is self._head else f"{head}\n{_row(leaf.source, count)}"

    def _continued(self, leaf: Leaf) -> str:
        if leaf.shape is not Shape.ROW:
            return leaf.source if leaf.shape is Shape.CODE else _text(leaf)
        return "\n" + _row(
            leaf.source, len(table.cells(self._head.source)) if self._head else 1, is_open=leaf.is_open
        )

    def _put(self, text: str) -> None:
        self._text += text
        self._units += units(text)


def _blocks(leaf: Leaf, path: Path, known: Path, *, is_new: bool) -> int:
    """Count the blocks that a leaf adds: its own, or its row, and the containers that begin with it."""
    is_row, depth = leaf.shape is Shape.ROW, _common(path, known)
    own = (3 if is_row else 1) if is_new else int(is_row)  # a table that goes on has its head again
    opened = path[depth:]
    is_next = bool(opened) and any(_are_siblings(opened[0], one) for one in known[depth : depth + 1])
    return own + len(opened) + sum(isinstance(one, Item) for one in opened[is_next:])


def _are_siblings(one: Item | Quote, before: Item | Quote) -> bool:
    """Whether both are items of one list, which is a block, too."""
    return isinstance(one, Item) and isinstance(before, Item) and _ending(one) == _ending(before)


def _ending(item: Item) -> str:
    """Return what the number ends with, which tells lists apart; bullets are all written alike."""
    return item.mark[-1] if item.is_numbered else ""


def _short(leaf: Leaf) -> str:
    """Return a block that is a line, or a formula."""
    match leaf.shape:
        case Shape.HEADING:
            text = _END.sub(r"\\\1", _text(leaf))
            return f"{leaf.info} {text}" if text else ""
        case Shape.FORMULA:
            return _formula(leaf)
        case Shape.RULE:
            return "---"
    return literal(leaf.source)


def _text(leaf: Leaf) -> str:
    if leaf.is_open:
        return neutral(live.closed(live.without_half_head(leaf.source), has_formulas=False))
    return neutral(leaf.source)


def _formula(leaf: Leaf) -> str:
    if leaf.is_open:
        return ""
    inner = formula(leaf.source)
    return f"$$\n{inner}\n$$" if inner else neutral(leaf.source)


def _row(source: str, count: int, *, is_open: bool = False) -> str:
    """Return a row of as many cells as the head has; Telegram would drop more."""
    cells = table.cells(source)
    if is_open:
        cells[-1] = live.closed_cell(cells[-1], has_formulas=False)
    written = [neutral_cell(cell) for cell in cells]
    return _line([*written[: count - 1], r" \| ".join(written[count - 1 :]), *[""] * count][:count])


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _common(path: Path, known: Path) -> int:
    """Return how many of the containers are open already."""
    pairs = takewhile(lambda pair: pair[0] is pair[1], zip(path, known, strict=False))
    return sum(1 for _ in pairs)


def _sign(container: Item | Quote) -> str:
    if isinstance(container, Quote):
        return "> "
    return f"{container.mark if container.is_numbered else '-'} "


def _blank(container: Item | Quote) -> str:
    """Return what stands before the other lines."""
    return "> " if isinstance(container, Quote) else " " * len(_sign(container))


def _padded(text: str, pad: str) -> str:
    """Put the pad before every line but the first; trailing blanks of the pad alone go."""
    return _LINES.sub(lambda found: f"\n{pad}" if found[1] else f"\n{pad.rstrip()}", text) if pad else text
