"""Entities that only ever contain each other: how Telegram arranges whatever it is given.

Overlaps are not refused. Links, code and quotes win by order, found entities give way to given ones, and styles
are cut around them; nothing is styled inside code.
Source: TDLib's MessageEntity, by its rules and answers.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from itertools import pairwise

from bot.sandbox.telegram.entities import MONOSPACE, QUOTES, STYLES, Entity, Kind, in_order


def nested(given: Iterable[Entity], found: Iterable[Entity] = ()) -> list[Entity]:
    """Arrange given and found entities, in order."""
    entities = in_order(entity for entity in given if entity.length)
    styles = [entity for entity in entities if entity.kind in STYLES]
    quotes = _first_come(entity for entity in entities if entity.kind in QUOTES)
    solids = _first_come(entity for entity in entities if entity.kind not in STYLES | QUOTES)
    solids += [one for one in found if not any(_overlap(one, solid) for solid in solids)]
    frame = [*quotes, *(solid for solid in solids if not any(_breaks(solid, quote) for quote in quotes))]
    return in_order([*frame, *_cut(styles, frame)])


def _first_come(entities: Iterable[Entity]) -> list[Entity]:
    kept: list[Entity] = []
    for entity in entities:
        if not kept or entity.offset >= kept[-1].end:
            kept.append(entity)
    return kept


def _overlap(one: Entity, other: Entity) -> bool:
    return one.offset < other.end and other.offset < one.end


def _breaks(one: Entity, quote: Entity) -> bool:
    return _overlap(one, quote) and not (quote.offset <= one.offset and one.end <= quote.end)


def _cut(styles: list[Entity], frame: list[Entity]) -> list[Entity]:
    runs = [run for kind in Kind if kind in STYLES for run in _runs(styles, kind)]
    cuts = sorted(
        {edge for entity in frame for edge in (entity.offset, entity.end)} | {run.offset for run in runs}
    )
    code = [entity for entity in frame if entity.kind in MONOSPACE]
    pieces = [piece for run in runs for piece in _pieces(run, cuts)]
    return [piece for piece in pieces if not any(_overlap(piece, block) for block in code)]


def _runs(styles: list[Entity], kind: Kind) -> list[Entity]:
    runs: list[Entity] = []
    for entity in styles:
        if entity.kind is not kind:
            continue
        if runs and entity.offset <= runs[-1].end:
            last = runs.pop()
            runs.append(last._replace(length=max(last.end, entity.end) - last.offset))
        else:
            runs.append(entity)
    return runs


def _pieces(run: Entity, cuts: list[int]) -> Iterable[Entity]:
    inner = cuts[bisect_right(cuts, run.offset) : bisect_left(cuts, run.end)]
    edges = [run.offset, *inner, run.end]
    for start, end in pairwise(edges):
        yield Entity(start, end - start, run.kind)
