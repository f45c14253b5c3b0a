"""Text as Telegram keeps it: cleaned, trimmed, measured, with its entities nested and more of them found.

Length counts code points, entities count UTF-16 units, and whoever sends tabs loses them.
"""

import re
from bisect import bisect_left
from dataclasses import dataclass
from typing import Any

from bot.sandbox.telegram.detection import found_entities
from bot.sandbox.telegram.entities import (
    WITH_HIDDEN_DATA,
    Entity,
    check_ranges,
    parsed_entities,
    utf16_length,
)
from bot.sandbox.telegram.nesting import nested
from bot.sandbox.telegram.params import Params
from bot.sandbox.telegram.refusals import Refusal, bad_request

MESSAGE_LENGTH = 4096
CAPTION_LENGTH = 1024

_RAW_BYTES = 1 << 15
_ENTITIES = 100
"""What comes after is dropped without a word. Source: python-telegram-bot, by experiment."""

_BLANKS = " \n"
_CONTROL = re.compile("[\0-\x09\x0b\x0c\x0e-\x1f]")
_REMOVED = re.compile("[\r\u2028-\u202e\u0333\u033f\u030a]")


@dataclass(frozen=True, slots=True)
class FormattedText:
    """A text and its entities."""

    text: str = ""
    entities: tuple[Entity, ...] = ()

    def as_fields(self, prefix: str = "") -> dict[str, Any]:
        """The fields of a message: `text` and `entities`; with `caption_`, `caption` and `caption_entities`."""
        fields: dict[str, Any] = {prefix.rstrip("_") or "text": self.text} if self.text else {}
        if self.entities:
            fields[f"{prefix}entities"] = [entity.as_dict() for entity in self.entities]
        return fields


def given_text(params: Params, name: str = "text", entities: str = "entities") -> FormattedText:
    """Read the text of a call as it is; errors of its entities' form are found here.

    Raises:
        Refusal: too many bytes, a parse mode (this server reads entities only), or unreadable entities.
    """
    text = params.text(name)
    if len(_utf8(text)) > _RAW_BYTES:
        raise bad_request("Text is too long")
    if params.text("parse_mode").lower() not in {"", "none"}:
        raise bad_request("Unsupported parse_mode")
    return FormattedText(text, tuple(parsed_entities(_entities_of(params, entities))))


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise bad_request("Strings must be encoded in UTF-8") from None


def _entities_of(params: Params, name: str) -> Any:
    try:
        return params.nested(name, "entities")
    except Refusal:
        return None


def kept_text(given: FormattedText) -> FormattedText:
    """Return what a chat shows of a given text; it may be empty.

    Raises:
        Refusal: an entity ends outside the text or cuts a symbol.
    """
    entities = nested(given.entities)
    check_ranges(given.text, entities)
    cleaned = _trimmed(_cleaned(given.text, entities))
    found = found_entities(cleaned.text)
    if not found:
        return cleaned
    return FormattedText(cleaned.text, tuple(nested(cleaned.entities, found)))


def _cleaned(text: str, entities: list[Entity]) -> FormattedText:
    gaps = [utf16_length(text[: match.start()]) for match in _REMOVED.finditer(text)]
    if gaps:
        text = _REMOVED.sub("", text)
        entities = [_between(one, _left(gaps, one.offset), _left(gaps, one.end)) for one in entities]
    return FormattedText(_CONTROL.sub(" ", text), tuple(entities))


def _left(gaps: list[int], offset: int) -> int:
    return offset - bisect_left(gaps, offset)


def _between(entity: Entity, start: int, end: int) -> Entity:
    return entity._replace(offset=start, length=end - start)


def _trimmed(cleaned: FormattedText) -> FormattedText:
    text = cleaned.text.strip(_BLANKS)
    if not cleaned.entities:
        return FormattedText(text)
    lead = len(cleaned.text) - len(cleaned.text.lstrip(_BLANKS))
    length = utf16_length(text)
    clipped = (
        _between(one, max(one.offset - lead, 0), min(one.end - lead, length)) for one in cleaned.entities
    )
    encoded = text.encode("utf-16-le")
    kept = [one for one in clipped if one.length > 0 and _means_something(one, encoded)]
    return FormattedText(text, tuple(nested(kept)[:_ENTITIES]))


def _means_something(entity: Entity, encoded: bytes) -> bool:
    if entity.kind in WITH_HIDDEN_DATA:
        return True
    return bool(encoded[2 * entity.offset : 2 * entity.end].decode("utf-16-le").strip(_BLANKS))
