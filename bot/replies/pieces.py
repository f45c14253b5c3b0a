"""What parts are filled with: a bit of text, how it looks, and what must not be torn."""

from dataclasses import dataclass

from bot.replies.entities import Kind, Rendered


@dataclass(frozen=True, slots=True)
class Box:
    """A frame around the end of a piece, from `at` (UTF-16 units) on; pieces with the same owner share one."""

    kind: Kind
    owner: object
    at: int = 0
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """A bit of text that goes below the others, behind the gap if there are any."""

    body: Rendered
    gap: str = ""
    boxes: tuple[Box, ...] = ()
    is_whole: bool = False
    """Not to be torn if a message can hold it: a table."""
    is_head: bool = False
    """Not to be the last of its message: a heading."""
