"""The structure of an answer: lists, quotes, code and tables as Telegram can show them.

Blocks stand as far apart as the model put them: a blank line where it left one, a line break elsewhere.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar

from markdown_it.token import Token

from bot.replies.entities import BLOCKS, Entity, Kind, Rendered, tidy, units
from bot.replies.markup import inline, table

RULE = "——————"
BULLET = "•"
_TASK = re.compile(r"\[([ xX])\](?:\s+|$)")
_UNDERLINED_LEVELS = frozenset({"h1", "h2"})
_CONTAINERS = re.compile(r"[\s>]*")


class Page:
    """Renders the blocks of one source; tokens know their place in it by line.

    `gap` is what stands before its first line, if there is something above it.
    """

    def __init__(self, source: str, gap: str) -> None:
        self._lines = source.split("\n")
        self._gap = gap
        self._quotes = 0

    def continued(self, whole: Rendered, tokens: Sequence[Token]) -> Rendered:
        """Render neighbouring blocks below a text."""
        for block in _siblings(tokens):
            whole = whole.joined(self.gap(block[0]), self._block(block))
        return whole

    def gap(self, token: Token) -> str:
        """Return what stands between a block and the one before it."""
        line = first_line(token)
        if line == 0:
            return self._gap
        is_apart = not _CONTAINERS.sub("", self._lines[line - 1], count=1)
        return "\n\n" if is_apart else "\n"

    def _block(self, block: Sequence[Token]) -> Rendered:
        return self._renderers.get(block[0].type, Page._literal)(self, block)

    def _literal(self, block: Sequence[Token]) -> Rendered:
        return Rendered(block[0].content)

    def _paragraph(self, block: Sequence[Token]) -> Rendered:
        return inline.rendered(block[1].content)

    def _heading(self, block: Sequence[Token]) -> Rendered:
        styles = [Kind.BOLD, Kind.UNDERLINE] if block[0].tag in _UNDERLINED_LEVELS else [Kind.BOLD]
        return inline.rendered(block[1].content, *styles)

    def _rule(self, block: Sequence[Token]) -> Rendered:  # noqa: ARG002 - all rules look the same
        return Rendered(RULE)

    def _code(self, block: Sequence[Token]) -> Rendered:
        language = block[0].info.split(maxsplit=1)[:1]
        return _boxed(Rendered(block[0].content), Kind.PRE, language[0] if language else None)

    def _table(self, block: Sequence[Token]) -> Rendered:
        rows: list[list[str]] = block[0].meta["rows"]
        plain = [[inline.plain(cell) for cell in row] for row in (rows[0], *rows[2:])]
        return _boxed(Rendered(table.drawn(plain, rows[1])), Kind.PRE)

    def _quote(self, block: Sequence[Token]) -> Rendered:
        self._quotes += 1
        inner = self._inside(block)
        self._quotes -= 1
        return Rendered("> ").joined("", indented(inner, "> ")) if self._quotes else _boxed(inner, Kind.QUOTE)

    def _inside(self, block: Sequence[Token]) -> Rendered:
        return self.continued(Rendered(), block[1:-1])

    def _item(self, block: Sequence[Token]) -> Rendered:
        mark = _unboxed(block) or (f"{block[0].info}{block[0].markup}" if block[0].info else BULLET)
        content = self._inside(block)
        if not content.text:
            return Rendered(mark)
        gap = "\n" if _is_boxed(content) else " "
        return Rendered(mark).joined(gap, indented(content, " " * (len(mark) + 1)))

    _renderers: ClassVar[dict[str, Callable[["Page", Sequence[Token]], Rendered]]] = {
        "paragraph_open": _paragraph,
        "heading_open": _heading,
        "hr": _rule,
        "fence": _code,
        "code_block": _code,
        "table": _table,
        "blockquote_open": _quote,
        "bullet_list_open": _inside,
        "ordered_list_open": _inside,
        "list_item_open": _item,
    }


def _siblings(tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
    """Cut the tokens into blocks, each with all that is in it."""
    start = depth = 0
    for index, token in enumerate(tokens):
        depth += token.nesting
        if depth == 0:
            yield tokens[start : index + 1]
            start = index + 1


def first_line(token: Token) -> int:
    """Return the line of the source where a block begins."""
    return token.map[0] if token.map else 0


def _unboxed(item: Sequence[Token]) -> str:
    """Take the checkbox off a task and return it as a sign; empty if the item is no task."""
    text = item[2] if len(item) > 2 else item[0]  # noqa: PLR2004 - item, paragraph, text
    found = _TASK.match(text.content) if text.type == "inline" else None
    if found is None:
        return ""
    text.content = text.content[found.end() :]
    return "☐" if found[1] == " " else "☑"


def _boxed(content: Rendered, kind: Kind, language: str | None = None) -> Rendered:
    text = content.text.strip("\n")
    box = Entity(kind, 0, units(text), language=language)
    return Rendered(text, tidy(text, (box, *content.entities)))


def _is_boxed(content: Rendered) -> bool:
    return any(entity.offset == 0 and entity.type in BLOCKS for entity in content.entities)


def indented(content: Rendered, pad: str) -> Rendered:
    """Put the pad before every line but the first; not into boxes, which keep their lines as they are."""
    lines = content.text.split("\n")
    boxes = [entity for entity in content.entities if entity.type in BLOCKS]
    places: list[int] = []
    at = 0
    for number, line in enumerate(lines):
        if number and line and not any(box.offset <= at < box.end for box in boxes):
            lines[number] = pad + line
            places.append(at)
        at += units(line) + 1
    return Rendered("\n".join(lines), tuple(_stretched(one, places, len(pad)) for one in content.entities))


def _stretched(entity: Entity, places: list[int], width: int) -> Entity:
    start = entity.offset + width * bisect_right(places, entity.offset)
    return entity.between(start, entity.end + width * bisect_left(places, entity.end))
