"""What the structure of an answer consists of: leaves in containers, in the order of the source."""

from dataclasses import dataclass
from enum import Enum, auto

BULLET = "•"


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """An item of a list; every one is only itself. Its content is indented by `width` columns."""

    mark: str
    """As it is shown: a bullet, or the number as the model wrote it."""
    width: int
    is_numbered: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Quote:
    """A block quote; every one is only itself."""


Path = tuple[Item | Quote, ...]
"""The containers around a leaf, outermost first."""


class Shape(Enum):
    """The kinds of leaves."""

    TEXT = auto()
    HEADING = auto()
    CODE = auto()
    FORMULA = auto()
    ROW = auto()
    RULE = auto()
    NOTHING = auto()
    """An item without content."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A piece of one block: a paragraph, a line of code, a row of a table.

    Pieces of one block share its number; what stands between them is part of `source`, but between rows.
    """

    shape: Shape
    path: Path
    number: int
    source: str
    is_apart: bool = False
    """Whether a blank line stands before the block."""
    info: str = ""
    """The signs of a heading, the words behind a fence, the dashes under the head of a table."""
    fence: str = ""
    """What ends code in the source; indented code has none."""
    is_open: bool = False
    """Whether more of it may come; then signs at its end may be half-written."""
