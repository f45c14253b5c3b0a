"""Telegram's own entity parser, offline: says whether a message would be accepted and what it would show.

TDLib runs `parseMarkdown` without a network. It first puts the given text and entities through the very check
of `sendMessage`; the signs of Markdown are masked, so that it finds nothing else to do.
"""

import json
from functools import cache
from typing import Any

import tdjson

from bot.replies.entities import BLANKS, Entity, Kind, Rendered, united, units

MOST_UNITS = 4096
MOST_ENTITIES = 100

_TYPES = {
    Kind.PRE: "Pre",
    Kind.CODE: "Code",
    Kind.LINK: "TextUrl",
    Kind.QUOTE: "BlockQuote",
    Kind.EXPANDABLE: "ExpandableBlockQuote",
    Kind.BOLD: "Bold",
    Kind.UNDERLINE: "Underline",
    Kind.STRIKE: "Strikethrough",
    Kind.ITALIC: "Italic",
    Kind.SPOILER: "Spoiler",
}
_KINDS = {f"textEntityType{name}": kind for kind, name in _TYPES.items()} | {"textEntityTypePreCode": Kind.PRE}
_SIGNS = "*_~`|[]()"


def shown(content: Rendered) -> Rendered:
    """Return what Telegram would show; an `AssertionError` with its words if it would refuse."""
    free = (code for code in range(0xE000, 0xF8FF) if chr(code) not in content.text)
    mask = dict(zip(map(ord, _SIGNS), free, strict=False))
    text = content.text.translate(mask)
    formatted = {"@type": "formattedText", "text": text, "entities": [_asked(one) for one in content.entities]}
    answer = _execute({"@type": "parseMarkdown", "text": formatted})
    assert answer["@type"] == "formattedText", f"{answer['message']}: {content}"
    entities = tuple(_answered(one) for one in answer["entities"])
    return Rendered(answer["text"].translate({code: chr(sign) for sign, code in mask.items()}), entities)


def assert_accepted(content: Rendered) -> None:
    """Check that a message would be taken as it is: nothing refused, changed, dropped or trimmed."""
    assert content.text == content.text.strip(BLANKS), f"blanks at the ends: {content.text!r}"
    assert content.text, "an empty message"
    assert units(content.text) <= MOST_UNITS
    assert len(content.entities) <= MOST_ENTITIES
    seen = shown(content)
    assert seen.text == content.text
    assert _looks(seen) == _looks(content)


def _looks(content: Rendered) -> list[tuple[Any, ...]]:
    """Pieces are joined, because Telegram cuts styles where others begin; it writes addresses its own way."""
    joined = sorted(united(list(content.entities)), key=lambda one: (one.offset, -one.length, one.type))
    return [(one.type, one.offset, one.length, one.language) for one in joined]


@cache
def _silence() -> None:
    tdjson.td_execute(json.dumps({"@type": "setLogVerbosityLevel", "new_verbosity_level": 0}).encode())


def _execute(request: dict[str, Any]) -> dict[str, Any]:
    _silence()
    answer = tdjson.td_execute(json.dumps(request).encode())
    assert answer is not None
    result: dict[str, Any] = json.loads(answer)
    return result


def _asked(entity: Entity) -> dict[str, Any]:
    kind: dict[str, Any] = {"@type": f"textEntityType{_TYPES[entity.type]}"}
    if entity.url is not None:
        kind["url"] = entity.url
    if entity.language is not None:
        kind = {"@type": "textEntityTypePreCode", "language": entity.language}
    return {"@type": "textEntity", "offset": entity.offset, "length": entity.length, "type": kind}


def _answered(entity: dict[str, Any]) -> Entity:
    kind = entity["type"]
    found = _KINDS[kind["@type"]]
    return Entity(found, entity["offset"], entity["length"], kind.get("url"), kind.get("language"))
