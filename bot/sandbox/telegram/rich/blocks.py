"""The tree as a list of Bot API `RichBlock`s."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import count, groupby
from typing import Any

from bot.sandbox.telegram.rich.reading import plain
from bot.sandbox.telegram.rich.text import RichText, rich_text
from bot.sandbox.telegram.rich.tree import INLINE, Node

Block = dict[str, Any]
_BULLET = "•"
_ASIDE = frozenset({"summary", "cite", "caption"})
"""What the block around them shows."""
_ALIGNMENTS = frozenset({"left", "center", "right"})


def blocks_of(children: Iterable[Node | str], *, detects: bool = True) -> list[Block]:
    """Return the blocks; text that stands among them becomes paragraphs."""
    return list(_Maker(detects=detects).blocks(children))


class _Maker:
    """Makes blocks of tags; `detects` as in `rich_text`."""

    def __init__(self, *, detects: bool) -> None:
        self._detects = detects
        self._makers: Mapping[str, Callable[[Node], Block]] = {
            "p": lambda node: {"type": "paragraph", "text": self._text(node)},
            **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), self._heading),
            "pre": self._pre,
            "footer": lambda node: {"type": "footer", "text": self._text(node)},
            "hr": lambda _: {"type": "divider"},
            "ul": lambda node: {"type": "list", "items": [self._item(item, {}) for item in _tags(node, "li")]},
            "ol": self._ordered,
            "blockquote": self._quote,
            "aside": lambda node: {"type": "pullquote", "text": self._text(node), **self._credit(node)},
            "table": self._table,
            "details": self._details,
            "tg-math-block": lambda node: {"type": "mathematical_expression", "expression": _raw(node)},
            "tg-thinking": lambda node: {"type": "thinking", "text": self._text(node)},
        }

    def blocks(self, children: Iterable[Node | str]) -> Iterator[Block]:
        for is_inline, group in groupby(children, key=_is_inline):
            if is_inline:
                yield from self._loose(list(group))
                continue
            for node in group:
                yield from self._shown(node)

    def _shown(self, node: Node | str) -> Iterator[Block]:
        """A paragraph that holds blocks is only a wrapping, as are tags that are no blocks themselves."""
        if isinstance(node, str) or node.tag in _ASIDE:
            return
        if node.tag not in self._makers or (node.tag == "p" and not all(map(_is_inline, node.children))):
            yield from self.blocks(node.children)
        else:
            yield from _worth_showing(self._makers[node.tag](node))

    def _loose(self, children: list[Node | str]) -> Iterator[Block]:
        """Text that stands outside of all blocks."""
        yield from _worth_showing(
            {"type": "paragraph", "text": _stripped(rich_text(children, detects=self._detects))}
        )

    def _text(self, node: Node) -> RichText:
        inner = [child for child in node.children if isinstance(child, str) or child.tag != "cite"]
        return rich_text(_flattened(inner), detects=self._detects)

    def _heading(self, node: Node) -> Block:
        return {"type": "heading", "text": self._text(node), "size": int(node.tag[1])}

    def _pre(self, node: Node) -> Block:
        code = next(iter(_tags(node, "code")), None)
        language = node.attributes.get("language", "")
        if code is not None:
            language = code.attributes.get("class", "").removeprefix("language-")
        return {"type": "pre", "text": _raw(code or node), **({"language": language} if language else {})}

    def _ordered(self, node: Node) -> Block:
        numbers = count(_number(node, "start"))
        items = [self._item(item, {"value": next(numbers), "type": "1"}) for item in _tags(node, "li")]
        return {"type": "list", "items": items}

    def _item(self, node: Node, numbered: dict[str, Any]) -> Block:
        item = {"label": f"{numbered['value']}." if numbered else _BULLET, **numbered}
        if "checkbox" in node.attributes:
            item["has_checkbox"] = True
            item |= {"is_checked": True} if node.attributes["checkbox"] else {}
        return {**item, "blocks": list(self.blocks(node.children))}

    def _quote(self, node: Node) -> Block:
        credit = self._credit(node)
        if {"expandable", "collapsed"} & node.attributes.keys():
            return {"type": "expandable_blockquote", "text": self._text(node), **credit}
        return {"type": "blockquote", "blocks": list(self.blocks(node.children)), **credit}

    def _credit(self, node: Node) -> dict[str, RichText]:
        cites = _tags(node, "cite")
        return {"credit": self._text(cites[0])} if cites else {}

    def _details(self, node: Node) -> Block:
        summary = next(iter(_tags(node, "summary")), Node("summary"))
        is_open = {"is_open": True} if "open" in node.attributes else {}
        blocks = list(self.blocks(node.children))
        return {"type": "details", "summary": self._text(summary), "blocks": blocks, **is_open}

    def _table(self, node: Node) -> Block:
        parts = [node, *_tags(node, "thead"), *_tags(node, "tbody")]
        rows = [row for part in parts for row in _tags(part, "tr")]
        looks = {f"is_{name}": True for name in ("bordered", "striped", "compact") if name in node.attributes}
        caption = [self._text(one) for one in _tags(node, "caption")]
        cells = [[self._cell(cell) for cell in _tags(row, "th", "td")] for row in rows]
        return {"type": "table", "cells": cells, **looks, **({"caption": caption[0]} if caption else {})}

    def _cell(self, node: Node) -> Block:
        align = node.attributes.get("align", "left")
        cell: Block = {"align": align if align in _ALIGNMENTS else "left", "valign": "middle"}
        if text := self._text(node):
            cell["text"] = text
        spans = {name: _number(node, name) for name in ("colspan", "rowspan") if name in node.attributes}
        return {**cell, **({"is_header": True} if node.tag == "th" else {}), **spans}


def _is_inline(child: Node | str) -> bool:
    return isinstance(child, str) or child.tag in INLINE


def _tags(node: Node, *names: str) -> list[Node]:
    return [child for child in node.children if isinstance(child, Node) and child.tag in names]


def _flattened(children: Iterable[Node | str]) -> Iterator[Node | str]:
    """Blocks within a block that can hold but a line become lines."""
    for number, child in enumerate(children):
        if _is_inline(child):
            yield child
        elif isinstance(child, Node):
            yield from ["\n"] * (number > 0)
            yield from _flattened(child.children)


def _number(node: Node, name: str) -> int:
    value = node.attributes.get(name, "")
    return int(value) if value.isdecimal() else 1


def _raw(node: Node) -> str:
    return "".join(child if isinstance(child, str) else _raw(child) for child in node.children)


def _worth_showing(block: Block) -> list[Block]:
    """A block whose text is blank is not there."""
    return [block] if "text" not in block or plain(block["text"]).strip() else []


def _stripped(text: RichText) -> RichText:
    """Return a text without blanks at its ends, where they are not styled."""
    pieces = text if isinstance(text, list) else [text]
    if isinstance(pieces[0], str):
        pieces[0] = pieces[0].lstrip()
    if isinstance(pieces[-1], str):
        pieces[-1] = pieces[-1].rstrip()
    kept = [piece for piece in pieces if piece]
    return kept[0] if len(kept) == 1 else kept
