"""Message entities: parsed from a call and checked against their text.

Offsets and lengths count UTF-16 code units.
Source: TDLib's MessageEntity, by its rules and answers.
"""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Any, NamedTuple

from bot.sandbox.telegram.links import checked_url
from bot.sandbox.telegram.refusals import bad_request


class Kind(StrEnum):
    """The types of entities; where two share a range, the earlier one here is the outer one."""

    BLOCKQUOTE = "blockquote"
    EXPANDABLE_BLOCKQUOTE = "expandable_blockquote"
    PRE = "pre"
    CODE = "code"
    TEXT_LINK = "text_link"
    TEXT_MENTION = "text_mention"
    DATE_TIME = "date_time"
    MENTION = "mention"
    HASHTAG = "hashtag"
    CASHTAG = "cashtag"
    BOT_COMMAND = "bot_command"
    URL = "url"
    EMAIL = "email"
    PHONE_NUMBER = "phone_number"
    BOLD = "bold"
    ITALIC = "italic"
    UNDERLINE = "underline"
    STRIKETHROUGH = "strikethrough"
    SPOILER = "spoiler"
    CUSTOM_EMOJI = "custom_emoji"


STYLES = frozenset({Kind.BOLD, Kind.ITALIC, Kind.UNDERLINE, Kind.STRIKETHROUGH, Kind.SPOILER})
QUOTES = frozenset({Kind.BLOCKQUOTE, Kind.EXPANDABLE_BLOCKQUOTE})
MONOSPACE = frozenset({Kind.PRE, Kind.CODE})
WITH_HIDDEN_DATA = frozenset({Kind.TEXT_LINK, Kind.TEXT_MENTION, Kind.CUSTOM_EMOJI})
"""These stay even on blanks."""

_FOUND = frozenset(
    {Kind.MENTION, Kind.HASHTAG, Kind.CASHTAG, Kind.BOT_COMMAND, Kind.URL, Kind.EMAIL, Kind.PHONE_NUMBER}
)
_RANK = {kind: rank for rank, kind in enumerate(Kind)} | {Kind.EXPANDABLE_BLOCKQUOTE: 0}
_FARTHEST = 1_000_000
_DETAILS: dict[Kind, tuple[tuple[str, bool], ...]] = {
    Kind.PRE: (("language", False),),
    Kind.TEXT_LINK: (("url", True),),
    Kind.TEXT_MENTION: (("user", True),),
    Kind.CUSTOM_EMOJI: (("custom_emoji_id", True),),
    Kind.DATE_TIME: (("unix_time", True), ("date_time_format", False)),
}
"""The further fields by type, and whether they must be there."""


class Entity(NamedTuple):
    """A piece of a text with a meaning."""

    offset: int
    length: int
    kind: Kind
    details: tuple[tuple[str, Any], ...] = ()

    @property
    def end(self) -> int:
        """The offset behind it."""
        return self.offset + self.length

    def as_dict(self) -> dict[str, Any]:
        """The entity as a Bot API `MessageEntity`."""
        return {"offset": self.offset, "length": self.length, "type": self.kind.value, **dict(self.details)}


def utf16_length(text: str) -> int:
    """Count UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


def in_order(entities: Iterable[Entity]) -> list[Entity]:
    """Sort so that whatever contains comes before what it contains."""
    return sorted(entities, key=lambda entity: (entity.offset, -entity.length, _RANK[entity.kind]))


def parsed_entities(raw: Any) -> list[Entity]:
    """Read the `entities` of a call; those that Telegram finds itself are left out, as is what is no list.

    Raises:
        Refusal: one of them makes no sense.
    """
    try:
        parsed = [_parsed(item) for item in raw] if isinstance(raw, list) else []
    except _Unreadable as unreadable:
        raise bad_request(f"Can't parse MessageEntity: {unreadable}") from None
    return [entity for entity in parsed if entity is not None]


class _Unreadable(Exception):
    """What is wrong with the form of an entity."""


def _parsed(item: Any) -> Entity | None:
    if not isinstance(item, dict):
        raise _Unreadable("expected an Object")
    offset, length = _integer(item, "offset"), _integer(item, "length")
    name = item.get("type")
    if not name:
        raise _Unreadable("Type is not specified" if name == "" else 'Can\'t find field "type"')
    if name not in _RANK and name != "bank_card_number":
        raise _Unreadable("Unsupported type specified")
    if name in _FOUND or name not in _RANK:
        return None
    return _bounded(Entity(offset, length, Kind(name), _details(Kind(name), item)))


def _integer(item: dict[str, Any], name: str) -> int:
    value = item.get(name)
    if value is None:
        raise _Unreadable(f'Can\'t find field "{name}"')
    try:
        return int(value)
    except (TypeError, ValueError):
        raise _Unreadable(f'Field "{name}" must be of type Number') from None


def _details(kind: Kind, item: dict[str, Any]) -> tuple[tuple[str, Any], ...]:
    details = []
    for name, is_required in _DETAILS.get(kind, ()):
        if is_required and name not in item:
            raise _Unreadable(f'Can\'t find field "{name}"')
        if value := item.get(name) or is_required:
            details.append((name, value))
    if kind is Kind.TEXT_LINK:
        return (("url", checked_url(str(item["url"]), what="Entity")),)
    return tuple(details)


def _bounded(entity: Entity) -> Entity:
    if not 0 <= entity.offset <= _FARTHEST:
        raise bad_request(f"Receive an entity with incorrect offset {entity.offset}")
    if not 0 <= entity.length <= _FARTHEST:
        raise bad_request(f"Receive an entity with incorrect length {entity.length}")
    return entity


def check_ranges(text: str, entities: Iterable[Entity]) -> None:
    """Refuse entities, given in order, that end outside the text or cut a surrogate pair.

    Of several faults the first in the text is named; where entities end, the innermost one.
    """
    encoded = text.encode("utf-16-le")
    faults = [fault for rank, entity in enumerate(entities) for fault in _range_faults(encoded, entity, rank)]
    if faults:
        raise bad_request(min(faults)[1])


def _range_faults(encoded: bytes, entity: Entity, rank: int) -> Iterator[tuple[tuple[int, int, int], str]]:
    total = len(encoded) // 2
    beginning = f"Entity beginning at UTF-16 offset {entity.offset}"
    if _is_inside_pair(encoded, entity.offset):
        where = _bytes_through(encoded, entity.offset)
        yield (entity.offset, 1, rank), f"Entity begins in a middle of a UTF-16 symbol at byte offset {where}"
    elif _is_inside_pair(encoded, entity.end):
        where = _bytes_through(encoded, entity.end)
        yield (entity.end, 0, -rank), f"{beginning} ends in a middle of a UTF-16 symbol at byte offset {where}"
    elif entity.offset > total:
        where = entity.offset
        yield (total + 1, 0, rank), f"Entity begins after the end of the text at UTF-16 offset {where}"
    elif entity.end > total:
        yield (total + 1, 1, -rank), f"{beginning} ends after the end of the text at UTF-16 offset {entity.end}"


def _is_inside_pair(encoded: bytes, offset: int) -> bool:
    high_byte = encoded[2 * offset + 1 : 2 * offset + 2]
    return b"\xdc" <= high_byte <= b"\xdf"


def _bytes_through(encoded: bytes, offset: int) -> int:
    return len(encoded[: 2 * offset + 2].decode("utf-16-le").encode())
