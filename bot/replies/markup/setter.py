"""Leaves set as text: lists and quotes by their signs, code and tables in boxes, formulas in Unicode.

Blocks stand as far apart as the model put them: a blank line where it left one, a line break elsewhere.
"""

import re
from copy import copy
from dataclasses import replace

from bot.replies.entities import Kind, Rendered
from bot.replies.markup import inline, live, tex
from bot.replies.markup.lead import Lead, lead_of
from bot.replies.markup.leaves import Item, Leaf, Path, Shape
from bot.replies.markup.tables import Table
from bot.replies.pieces import Piece

RULE = "——————"
_TASK = re.compile(r"\[([ xX])\](?:\s+|$)")
_UNDERLINED_LEVELS = 2
_FORMULA_SIGN = 2
"""The length of what opens a formula."""


class Setter:
    """Sets one leaf after another; a copy goes on without touching the original."""

    def __init__(self, most_units: int) -> None:
        self._most_units = most_units
        self._path: Path = ()
        self._number = 0
        self._table: Table | None = None

    def copy(self) -> "Setter":
        """Return the same state."""
        twin = Setter(self._most_units)
        twin._path, twin._number = self._path, self._number
        twin._table = copy(self._table)
        return twin

    def set(self, leaf: Leaf) -> list[Piece]:
        """Return the pieces that are certain with this leaf; a table waits for its end."""
        if self._table and leaf.number == self._number:
            return self._table.add(leaf.source, is_open=leaf.is_open)
        pieces = self.end()
        if leaf.shape is Shape.ROW:
            self._table = self._began(leaf)
        elif piece := self._set(leaf):
            pieces.append(piece)
        return pieces

    def end(self, *, is_open: bool = False) -> list[Piece]:
        """Return what has waited; a table that `is_open` waits on until its first row is there."""
        table, self._table = self._table, None
        return table.end(is_open=is_open) if table else []

    def _began(self, leaf: Leaf) -> Table:
        lead = lead_of(leaf, self._path)
        self._path, self._number = leaf.path, leaf.number
        return Table(leaf, lead, self._most_units)

    def _set(self, leaf: Leaf) -> Piece | None:
        if leaf.number == self._number:
            return _continued(leaf)
        lead = lead_of(leaf, self._path)
        is_in_item = bool(leaf.path) and isinstance(leaf.path[-1], Item)
        if leaf.shape is Shape.TEXT and is_in_item and leaf.path[-1:] != self._path[-1:]:
            if leaf.is_open and live.is_half_task(leaf.source):
                return None
            leaf, lead = _unticked(leaf, lead)
        body = _body(leaf)
        if not body.text and (leaf.is_open or not lead.is_new):
            return None
        self._path, self._number = leaf.path, leaf.number
        if leaf.shape is Shape.CODE:
            return lead.box(body, leaf.number, _language(leaf))
        return lead.text(body, is_head=leaf.shape is Shape.HEADING)


def _continued(leaf: Leaf) -> Piece:
    lead, body = lead_of(leaf, leaf.path), _body(leaf)
    return lead.more_boxed(body, leaf.number) if leaf.shape is Shape.CODE else lead.more(body)


def _unticked(leaf: Leaf, lead: Lead) -> tuple[Leaf, Lead]:
    """Make the checkbox of a task its sign."""
    found = _TASK.match(leaf.source)
    if found is None:
        return leaf, lead
    ticked = lead.ticked("☐" if found[1] == " " else "☑")
    return replace(leaf, source=leaf.source[found.end() :]), ticked


def _body(leaf: Leaf) -> Rendered:
    match leaf.shape:
        case Shape.CODE:
            return Rendered(leaf.source)
        case Shape.RULE:
            return Rendered(RULE)
        case Shape.FORMULA:
            return Rendered(_formula(leaf))
        case Shape.HEADING:
            is_great = len(leaf.info) <= _UNDERLINED_LEVELS
            styles = [Kind.BOLD, Kind.UNDERLINE] if is_great else [Kind.BOLD]
            return inline.rendered(_source(leaf), *styles)
    return inline.rendered(_source(leaf))


def _source(leaf: Leaf) -> str:
    return live.closed(live.without_half_head(leaf.source)) if leaf.is_open else leaf.source


def _formula(leaf: Leaf) -> str:
    if not leaf.is_open:
        return tex.shown(leaf.source)
    inner = live.half_formula(leaf.source[_FORMULA_SIGN:])
    return tex.converted(inner) if tex.is_tex(inner) else inner.strip()


def _language(leaf: Leaf) -> str | None:
    return leaf.info.split(maxsplit=1)[0] if leaf.info else None
