"""The rows of a table, and how they are drawn as aligned columns of monospace text.

The parser's own rule drops cells that the head has no column for; ours drops nothing.
"""

import re
import unicodedata
from collections.abc import Sequence

NARROW = 40
"""Columns of monospace text that a phone shows without breaking lines."""
_DELIMITER = re.compile(r"\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*")
_PIPE = re.compile(r"(?<!\\)\|")
_BREAK = re.compile(r"\s*<br\s*/?>\s*", re.IGNORECASE)


def is_row(line: str) -> bool:
    """Whether this may be a row of a table."""
    return "|" in line


def is_delimiter(line: str) -> bool:
    """Whether this is what stands under the head of a table."""
    return is_row(line) and _DELIMITER.fullmatch(line) is not None


def cells(line: str) -> list[str]:
    """Split a row into its cells, still Markdown; `<br>`, their one way to break a line, is a line break."""
    inner = line.strip().removeprefix("|")
    if inner.endswith("|") and not inner.endswith("\\|"):
        inner = inner[:-1]
    return [_BREAK.sub("\n", cell.strip().replace("\\|", "|")) for cell in _PIPE.split(inner)]


def widened(widths: Sequence[int], row: Sequence[str]) -> list[int]:
    """Return the widths of the columns with one more row of plain text."""
    count = max(len(widths), len(row))
    old = [*widths, *[0] * (count - len(widths))]
    return [
        max(width, *map(_width, cell.split("\n"))) for width, cell in zip(old, _filled(row, count), strict=True)
    ]


def line_width(widths: Sequence[int]) -> int:
    """Return how wide a line of such columns is."""
    return sum(widths) + 3 * (len(widths) - 1)


def drawn(
    head: Sequence[Sequence[str]],
    rows: Sequence[Sequence[str]],
    widths: Sequence[int],
    delimiter: Sequence[str],
) -> str:
    """Draw rows of plain text, below the head and a rule if there is one, aligned as the delimiter asks for."""
    marks = _filled(delimiter, len(widths))
    lines = [
        " | ".join(map(_padded, _filled(row, len(widths)), widths, marks)).rstrip() for row in (*head, *rows)
    ]
    if head:
        lines.insert(1, "-+-".join("-" * width for width in widths))
    return "\n".join(lines)


def _filled(row: Sequence[str], count: int) -> list[str]:
    return [*row, *[""] * (count - len(row))][:count]


def _padded(cell: str, width: int, mark: str) -> str:
    room = width - _width(cell)
    before = 0
    if mark.endswith(":"):
        before = room // 2 if mark.startswith(":") else room
    return " " * before + cell + " " * (room - before)


def _width(text: str) -> int:
    """Columns in a monospace font: wide letters and emoji take two, marks none."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def _columns(char: str) -> int:
    if unicodedata.combining(char) or char in "\u200d\ufe0f":
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
