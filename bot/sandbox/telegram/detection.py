"""What Telegram finds in plain text by itself: mentions, commands, tags, addresses.

Addresses are found by their scheme only: the list of top-level domains, by which Telegram finds bare host
names, is not kept here.
Source: the answers of TDLib's `getTextEntities`.
"""

import re

from bot.sandbox.telegram.entities import Entity, Kind, in_order, utf16_length

_PATTERNS: tuple[tuple[Kind, str, re.Pattern[str]], ...] = (
    (Kind.MENTION, "@", re.compile(r"(?<!\w)@[A-Za-z0-9_]{4,32}(?!\w)")),
    (Kind.HASHTAG, "#", re.compile(r"(?<![\w#])#(?=\w*[^\W\d_])\w{1,256}(?![\w#])")),
    (Kind.CASHTAG, "$", re.compile(r"(?<![\w$])\$(?:1INCH|[A-Z]{1,8})(?![\w$])")),
    (Kind.BOT_COMMAND, "/", re.compile(r"(?<![\w/<>])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/<>@])")),
    (Kind.EMAIL, "@", re.compile(r"(?<![\w.+-])[\w.+-]+@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}(?![\w-])")),
    (
        Kind.URL,
        "://",
        re.compile(r"(?<!\w)(?:https?|ftp)://(?:[\w-]+\.)+[^\W\d_]{2,}(?::\d+)?(?:[/?#][^\s<>\"]*)?"),
    ),
)
_CLOSING = ".,;:!?'\")]}»…"


def found_entities(text: str) -> list[Entity]:
    """Return what is found, by offset; what begins inside an earlier find is left out."""
    found: list[Entity] = []
    end = 0
    for entity in in_order(_all_matches(text)):
        if entity.offset >= end:
            found.append(entity)
            end = entity.end
    return found


def _all_matches(text: str) -> list[Entity]:
    return [
        _entity(text, kind, match.start(), _trimmed_end(kind, match))
        for kind, sign, pattern in _PATTERNS
        if sign in text
        for match in pattern.finditer(text)
    ]


def _trimmed_end(kind: Kind, match: re.Match[str]) -> int:
    if kind is not Kind.URL:
        return match.end()
    return match.start() + len(match.group().rstrip(_CLOSING))


def _entity(text: str, kind: Kind, start: int, end: int) -> Entity:
    return Entity(utf16_length(text[:start]), utf16_length(text[start:end]), kind)
