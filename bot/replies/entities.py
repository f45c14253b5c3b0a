"""Text with entities, as Telegram shows it: offsets and lengths in UTF-16 units.

Keeps Telegram's own rules, because what breaks them is silently changed or refused with a 400: nothing inside
code, no empty entity, no blanks at the ends of one, neighbours of a kind joined, at most 100 in a message.

Source: https://core.telegram.org/bots/api#messageentity
"""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

MOST_ENTITIES = 100
"""Telegram silently ignores what comes after them. Source: experiments of python-telegram-bot."""

_INVISIBLE = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf"})
BLANKS = " \n\r\t\0\v"
"""What Telegram trims from both ends of a message."""


class Kind(StrEnum):
    """The entities that we use, by their names in the Bot API; what must survive a crowd comes first."""

    PRE = "pre"
    CODE = "code"
    LINK = "text_link"
    QUOTE = "blockquote"
    EXPANDABLE = "expandable_blockquote"
    BOLD = "bold"
    UNDERLINE = "underline"
    STRIKE = "strikethrough"
    ITALIC = "italic"
    SPOILER = "spoiler"


_RANK = {kind: rank for rank, kind in enumerate(Kind)}
_OUTER_FIRST = {
    kind: rank
    for rank, kind in enumerate(
        (
            Kind.QUOTE,
            Kind.EXPANDABLE,
            Kind.PRE,
            Kind.CODE,
            Kind.LINK,
            Kind.BOLD,
            Kind.ITALIC,
            Kind.UNDERLINE,
            Kind.STRIKE,
            Kind.SPOILER,
        )
    )
}
VERBATIM = frozenset({Kind.PRE, Kind.CODE})
"""Kinds that contain no others."""
BLOCKS = frozenset({Kind.PRE, Kind.QUOTE, Kind.EXPANDABLE})
"""Kinds that Telegram draws as a box; two in a row stay two."""


class Entity(NamedTuple):
    """A stretch of text with a look; `offset` and `length` are UTF-16 units."""

    type: Kind
    offset: int
    length: int
    url: str | None = None
    language: str | None = None

    @property
    def end(self) -> int:
        """The first unit behind it."""
        return self.offset + self.length

    def between(self, start: int, end: int) -> "Entity":
        """Return the same look for another stretch."""
        return Entity(self.type, start, end - start, self.url, self.language)

    def is_like(self, other: "Entity") -> bool:
        """Whether both look and lead the same."""
        return (self.type, self.url, self.language) == (other.type, other.url, other.language)


@dataclass(frozen=True, slots=True)
class Rendered:
    """Text and how it looks; the entities are sorted as Telegram sorts them: by offset, outer ones first."""

    text: str = ""
    entities: tuple[Entity, ...] = ()

    def joined(self, gap: str, other: "Rendered") -> "Rendered":
        """Return this, the gap and the other; without a gap if one of them is empty."""
        if not (self.text and other.text):
            return self if self.text else other
        head = self.text + gap
        moved = moved_by(units(head), other.entities) if other.entities else ()
        return Rendered(head + other.text, (*self.entities, *moved))

    def stripped(self) -> "Rendered":
        """Return it as Telegram will trim it."""
        text = self.text.strip(BLANKS)
        if text == self.text:
            return self
        start = len(self.text) - len(self.text.lstrip(BLANKS))
        return self.cut(start, start + len(text))

    def cut(self, start: int, end: int) -> "Rendered":
        """Return the part between two *characters*; entities that reach beyond it are closed and reopened."""
        text = self.text[start:end]
        if not self.entities:
            return Rendered(text)
        first, last = units(self.text[:start]), units(self.text[:end])
        raw = text.encode("utf-16-le")
        inside = (
            _trimmed(raw, entity.between(max(entity.offset, first) - first, min(entity.end, last) - first))
            for entity in self.entities
            if entity.offset < last and entity.end > first
        )
        return Rendered(text, tuple(sorted((one for one in inside if one.length > 0), key=_position)))

    def capped(self) -> "Rendered":
        """Return it with no more entities than Telegram takes; the least important go."""
        if len(self.entities) <= MOST_ENTITIES:
            return self
        kept = sorted(self.entities, key=lambda entity: (_RANK[entity.type], entity.offset))[:MOST_ENTITIES]
        return Rendered(self.text, tuple(sorted(kept, key=_position)))


def is_visible(text: str) -> bool:
    """Whether there is anything to see; Telegram refuses a message without."""
    return any(unicodedata.category(char) not in _INVISIBLE for char in text)


def in_order(entities: Iterable[Entity]) -> tuple[Entity, ...]:
    """Return the entities as Telegram sorts them: by offset, outer ones first."""
    return tuple(sorted(entities, key=_position))


def units(text: str) -> int:
    """Count UTF-16 units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


def moved_by(distance: int, entities: Iterable[Entity]) -> tuple[Entity, ...]:
    """Return the entities further to the right."""
    return tuple(
        Entity(entity.type, entity.offset + distance, entity.length, entity.url, entity.language)
        for entity in entities
    )


def tidy(text: str, entities: Iterable[Entity]) -> tuple[Entity, ...]:
    """Return the entities as Telegram would have them, sorted.

    Nothing overlaps code, no blanks at the ends (but for the indentation of a code block), none empty,
    neighbours of a kind joined.
    """
    given = list(entities)
    if not given:
        return ()
    raw = text.encode("utf-16-le")
    verbatim = _verbatim(given)
    pieces = (piece for entity in given for piece in _around(entity, verbatim))
    trimmed = (_trimmed(raw, piece) for piece in pieces)
    return tuple(sorted(united([piece for piece in trimmed if piece.length > 0]), key=_position))


def _position(entity: Entity) -> tuple[int, int, int]:
    return entity.offset, -entity.length, _OUTER_FIRST[entity.type]


def _verbatim(entities: list[Entity]) -> list[Entity]:
    """Code that stays code: inside a link it gives way, because the address would be lost otherwise."""
    links = [entity for entity in entities if entity.type is Kind.LINK]
    code = (entity for entity in entities if entity.type in VERBATIM)
    return [one for one in code if not any(_overlap(one, link) for link in links)]


def _overlap(one: Entity, other: Entity) -> bool:
    return one.offset < other.end and other.offset < one.end


def _around(entity: Entity, verbatim: list[Entity]) -> Iterator[Entity]:
    """Cut the entity around all code in it; quotes may contain code."""
    if entity.type in VERBATIM:
        yield from (entity for one in verbatim if one is entity)
        return
    start = entity.offset
    for code in verbatim if entity.type is not Kind.QUOTE else ():
        if _overlap(entity, code):
            yield entity.between(start, max(start, code.offset))
            start = code.end
    yield entity.between(start, max(start, entity.end))


def _trimmed(raw: bytes, entity: Entity) -> Entity:
    if not (_is_blank(raw, entity.offset) or _is_blank(raw, entity.end - 1)):
        return entity
    stretch = raw[2 * entity.offset : 2 * entity.end].decode("utf-16-le", "replace")
    blanks = "\n" if entity.type is Kind.PRE and not stretch.isspace() else None
    bare = stretch.strip(blanks)
    if len(bare) == len(stretch):
        return entity
    start = entity.offset + units(stretch) - units(stretch.lstrip(blanks))
    return entity.between(start, start + units(bare))


def _is_blank(raw: bytes, unit: int) -> bool:
    return raw[2 * unit : 2 * unit + 2].decode("utf-16-le", "replace").isspace()


def united(entities: list[Entity]) -> list[Entity]:
    """Join those of a kind that touch or overlap, as Telegram does; boxes stay apart."""
    joined: list[Entity] = []
    latest: dict[Kind, int] = {}
    for entity in sorted(entities, key=_position):
        index = latest.get(entity.type)
        if index is not None and _is_one(joined[index], entity):
            first = joined[index]
            joined[index] = first.between(first.offset, max(first.end, entity.end))
        else:
            latest[entity.type] = len(joined)
            joined.append(entity)
    return joined


def _is_one(first: Entity, second: Entity) -> bool:
    if first.type in BLOCKS or not first.is_like(second):
        return False
    return second.offset <= first.end
