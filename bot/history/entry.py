"""A turn as it lies in Redis: compact JSON, whose beginning tells which turn it is.

The id stands first, so that a script can compare it without parsing. Unknown names are ignored when read: a
newer version may add some.
"""

import json
from typing import Any

from bot.types import Turn


def dump_turn(turn: Turn, turn_id: str) -> bytes:
    """Return the entry; half a surrogate pair, which JSON of a model may contain, becomes `?`."""
    said = {"q": turn.question, "a": turn.answer}
    photos = {"p": turn.photos} if turn.photos else {}
    return _compact({"id": turn_id, **said, "at": turn.asked_at, "n": turn.tokens, **photos})


def beginning(turn_id: str) -> bytes:
    """Return how every entry of that turn begins, and no other."""
    return _compact({"id": turn_id}).removesuffix(b"}") + b","


def load_turn(entry: bytes) -> Turn | None:
    """Return the turn, or None if the entry is corrupt."""
    try:
        fields = json.loads(entry)
    except ValueError:
        return None
    match fields:
        case {"q": str(question), "a": str(answer), "at": int() | float() as asked_at, "n": int(tokens)}:
            return Turn(question, answer, float(asked_at), max(1, tokens), _photos(fields.get("p")))
    return None


def _photos(ids: Any) -> tuple[str, ...]:
    return tuple(map(str, ids)) if isinstance(ids, list) else ()


def _compact(fields: dict[str, Any]) -> bytes:
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")
