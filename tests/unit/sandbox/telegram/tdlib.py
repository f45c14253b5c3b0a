"""TDLib, Telegram's own client library, as a judge of texts; it works without a network."""

import json
from typing import Any

import tdjson

from bot.sandbox.telegram.entities import Entity, Kind

_NAMES = {
    Kind.BOLD: "Bold",
    Kind.ITALIC: "Italic",
    Kind.UNDERLINE: "Underline",
    Kind.STRIKETHROUGH: "Strikethrough",
    Kind.SPOILER: "Spoiler",
    Kind.CODE: "Code",
    Kind.PRE: "Pre",
    Kind.BLOCKQUOTE: "BlockQuote",
    Kind.EXPANDABLE_BLOCKQUOTE: "ExpandableBlockQuote",
    Kind.TEXT_LINK: "TextUrl",
    Kind.MENTION: "Mention",
    Kind.HASHTAG: "Hashtag",
    Kind.CASHTAG: "Cashtag",
    Kind.BOT_COMMAND: "BotCommand",
    Kind.URL: "Url",
    Kind.EMAIL: "EmailAddress",
}
_KINDS = {f"textEntityType{name}": kind for kind, name in _NAMES.items()}


def _executed(**request: Any) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(tdjson.td_execute(json.dumps(request).encode()) or "{}")
    return answer


_executed(**{"@type": "setLogVerbosityLevel", "new_verbosity_level": 0})


def judged(text: str, entities: list[Entity]) -> tuple[str, list[Entity]] | str:
    """Return what TDLib makes of a text without Markdown characters, or the error it finds."""
    formatted = {
        "@type": "formattedText",
        "text": text,
        "entities": [
            {
                "@type": "textEntity",
                "offset": entity.offset,
                "length": entity.length,
                "type": {"@type": f"textEntityType{_NAMES[entity.kind]}", **dict(entity.details)},
            }
            for entity in entities
        ],
    }
    answer = _executed(**{"@type": "parseMarkdown", "text": formatted})
    if answer["@type"] == "error":
        return str(answer["message"])
    return answer["text"], _entities(answer)


def found(text: str) -> list[Entity]:
    """Return what TDLib finds in a text by itself, of the kinds known here."""
    return _entities(_executed(**{"@type": "getTextEntities", "text": text}))


def _entities(answer: dict[str, Any]) -> list[Entity]:
    return [
        Entity(item["offset"], item["length"], _KINDS[item["type"]["@type"]])
        for item in answer["entities"]
        if item["type"]["@type"] in _KINDS
    ]
