"""Tags within a line, and what Telegram finds in it by itself, as a Bot API `RichText`."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from bot.sandbox.telegram.detection import found_entities
from bot.sandbox.telegram.entities import Entity, Kind
from bot.sandbox.telegram.rich.tree import Node

RichText = Any
"""A string, a list of rich texts, or an object with a `type`."""

_STYLES = {
    "b": "bold",
    "i": "italic",
    "u": "underline",
    "s": "strikethrough",
    "code": "code",
    "mark": "marked",
    "sub": "subscript",
    "sup": "superscript",
    "tg-spoiler": "spoiler",
}
_FOUND: Mapping[Kind, Callable[[str], dict[str, str]]] = {
    Kind.URL: lambda found: {"type": "url", "url": found},
    Kind.EMAIL: lambda found: {"type": "email_address", "email_address": found},
    Kind.MENTION: lambda found: {"type": "mention", "username": found[1:]},
    Kind.HASHTAG: lambda found: {"type": "hashtag", "hashtag": found[1:]},
    Kind.CASHTAG: lambda found: {"type": "cashtag", "cashtag": found[1:]},
    Kind.BOT_COMMAND: lambda found: {"type": "bot_command", "bot_command": found[1:]},
}
_LITERAL = frozenset({"code", "a"})


def rich_text(children: Iterable[Node | str], *, detects: bool) -> RichText:
    """Return the text of a line; `detects` says whether links, names and the like are found in it."""
    pieces = [piece for child in children for piece in _pieces(child, detects=detects)]
    merged: list[RichText] = []
    for piece in pieces:
        if isinstance(piece, str) and merged and isinstance(merged[-1], str):
            merged[-1] += piece
        else:
            merged.append(piece)
    return merged[0] if len(merged) == 1 else merged or ""


def _pieces(child: Node | str, *, detects: bool) -> list[RichText]:
    if isinstance(child, str):
        return _with_finds(child) if detects else [child]
    if child.tag == "br":
        return ["\n"]
    return [_styled(child, detects=detects and child.tag not in _LITERAL)]


def _styled(node: Node, *, detects: bool) -> RichText:
    if node.tag == "tg-math":
        return {"type": "mathematical_expression", "expression": "".join(map(str, node.children))}
    text = rich_text(node.children, detects=detects)
    match node.tag:
        case "a":
            return {"type": "url", "text": text, "url": node.attributes.get("href", "")}
        case "tg-ref":
            return {"type": "reference_link", "text": text, "reference_name": node.attributes["name"]}
        case "tg-note":
            return {"type": "reference", "text": text, "name": node.attributes["name"]}
    return {"type": _STYLES[node.tag], "text": text}


def _with_finds(text: str) -> list[RichText]:
    encoded, at, pieces = text.encode("utf-16-le"), 0, []
    for entity in found_entities(text):
        pieces += [
            _slice(encoded, at, entity.offset),
            _find(entity, _slice(encoded, entity.offset, entity.end)),
        ]
        at = entity.end
    return [piece for piece in [*pieces, _slice(encoded, at, len(encoded) // 2)] if piece]


def _slice(encoded: bytes, start: int, end: int) -> str:
    return encoded[2 * start : 2 * end].decode("utf-16-le", "replace")


def _find(entity: Entity, found: str) -> dict[str, str]:
    return {**_FOUND[entity.kind](found), "text": found}
