"""Tables: aligned columns in a monospace block, because Telegram has no tables.

The parser's own rule drops cells that the head has no column for; ours drops nothing.
"""

import re
import unicodedata

from markdown_it.rules_block import StateBlock

_DELIMITER = re.compile(r"\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*")
_PIPE = re.compile(r"(?<!\\)\|")


def table_rule(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - the parser's own
    """Recognise a head with a line of dashes under it; rows go on as long as they hold a `|`."""
    if start + 1 >= end or not (_is_row(state, start) and _is_row(state, start + 1)):
        return False
    if not _DELIMITER.fullmatch(_line(state, start + 1)):
        return False
    if silent:
        return True
    stop = start + 2
    while stop < end and _is_row(state, stop) and not _is_interrupted(state, stop, end):
        stop += 1
    token = state.push("table", "", 0)
    token.map = [start, stop]
    token.meta = {"rows": [cells(_line(state, number)) for number in range(start, stop)]}
    state.line = stop
    return True


def cells(line: str) -> list[str]:
    """Split a row into its cells, still Markdown."""
    inner = line.strip().removeprefix("|")
    if inner.endswith("|") and not inner.endswith("\\|"):
        inner = inner[:-1]
    return [cell.strip().replace("\\|", "|") for cell in _PIPE.split(inner)]


def drawn(rows: list[list[str]], delimiter: list[str]) -> str:
    """Draw rows of plain text, the head first, with the alignments that the delimiter asks for."""
    count = max(map(len, rows))
    square = [row + [""] * (count - len(row)) for row in rows]
    widths = [max(map(_width, column)) for column in zip(*square, strict=True)]
    marks = [*delimiter, *[""] * count][:count]
    lines = [" | ".join(map(_padded, row, widths, marks)).rstrip() for row in square]
    lines.insert(1, "-+-".join("-" * width for width in widths))
    return "\n".join(lines)


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


def _line(state: StateBlock, number: int) -> str:
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]]


def _is_row(state: StateBlock, number: int) -> bool:
    indent = state.sCount[number] - state.blkIndent
    return 0 <= indent < 4 and "|" in _line(state, number)  # noqa: PLR2004 - more is code in CommonMark


def _is_interrupted(state: StateBlock, number: int, end: int) -> bool:
    rules = state.md.block.ruler.getRules("blockquote")
    return any(rule(state, number, end, True) for rule in rules if rule is not table_rule)  # noqa: FBT003 - theirs
