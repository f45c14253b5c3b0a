"""Half-written Markdown made presentable: what a growing answer shows between two pieces of the model.

The last block of a text usually ends amid a sign. Shown as it is, `**` would flash up as stars and turn into
bold a moment later. So open emphasis and code are closed, half a link shows its label, and a last line that is
nothing but signs waits until it means something. Only for frames: the final text is rendered as it stands.
"""

import re
from collections.abc import Sequence

from markdown_it.token import Token

from bot.replies.markup.parser import unclosed

_SIGNS_ONLY = re.compile(r"[\s>]*[-+*_=#`~|:\s]*")
_HALF_LINK = re.compile(
    r"""(?<!\\)!?\[([^\[\]]*)(?:\](?:\((?:[^()\s]|\([^()\s]*\))*(?:\([^()\s]*|\s+"[^"]*"?)?)?)?$"""
)
_HEAD_ROWS = 2
"""The head of a table and the dashes under it."""
_VERBATIM = frozenset({"fence", "code_block", "formula"})
_TICKS = re.compile(r"`+")


def without_signs(source: str) -> str:
    """Take away a last line that is nothing but signs: half a rule, a fence, the dashes of a table."""
    before, _, last = source.rpartition("\n")
    return before if last and _SIGNS_ONLY.fullmatch(last) else source


def with_dashes(source: str) -> str:
    """Complete a table whose head is there and whose dashes are yet to come."""
    before, _, last = source.rpartition("\n")
    bare = last.lstrip()
    if not bare.startswith("|") or bare.startswith("||") or before.rpartition("\n")[2].lstrip().startswith("|"):
        return source
    return f"{source}\n{last[: len(last) - len(bare)]}|-|"


def is_verbatim(tokens: Sequence[Token]) -> bool:
    """Whether the text ends in code or a formula, where signs are no markup."""
    last = _leaf(tokens)
    return last is not None and last.type in _VERBATIM


def close(tokens: Sequence[Token]) -> None:
    """Complete the last text of the tokens."""
    last = _leaf(tokens)
    if last is not None and last.type == "inline":
        last.content = closed(last.content)
    elif last is not None and last.type == "table":
        rows = last.meta["rows"]
        cells = rows[-1 if len(rows) > _HEAD_ROWS else 0]
        cells[-1] = closed(cells[-1])


def _leaf(tokens: Sequence[Token]) -> Token | None:
    return next((token for token in reversed(tokens) if token.nesting == 0), None)


def closed(source: str) -> str:
    """Return inline Markdown with what is open at its end closed or hidden."""
    source = _HALF_LINK.sub(r"\1", source)
    ticks = _open_ticks(source)
    if ticks is None:
        bare = source.rstrip("*_~\\ \n")
        return bare + unclosed(bare)
    code = source[ticks.end() :].rstrip("`")
    if not code.strip():
        return closed(source[: ticks.start()])
    whole = source[: ticks.end()] + code + ticks.group()
    return whole + unclosed(whole)


def _open_ticks(source: str) -> re.Match[str] | None:
    """Find the backticks that begin code without an end."""
    runs = list(_TICKS.finditer(source))
    while runs:
        first, *rest = runs
        partner = next((index for index, run in enumerate(rest) if run.group() == first.group()), None)
        if partner is None:
            return first
        runs = rest[partner + 1 :]
    return None
