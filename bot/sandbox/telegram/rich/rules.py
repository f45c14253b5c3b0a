"""How much a rich message may hold, and what is only assumed about reading it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RichRules:
    """The documented limits, and the assumptions."""

    characters: int = 32_768
    """Of the text, formulas included, after parsing."""
    blocks: int = 500
    """With those within others, items of lists and rows of tables."""
    nesting: int = 16
    """Of blocks and formatting."""
    columns: int = 20
    is_strict: bool = True
    """Whether tags that are unknown, left open or never opened are refused; else unknown ones are text."""
    soft_break: str = "\n"
    """What a line break within a paragraph of Markdown shows as."""
