r"""Which Markdown we understand in a paragraph: CommonMark's with strikethrough, bent so that nothing is lost.

The differences from CommonMark, each because the chat must show what the model said:

* line breaks and blanks stay as they are;
* HTML is text, and the signs in a formula (`$…$`, `\(…\)`, `$$…$$`, `\[…\]`) are not markup;
* stars between the operands of a formula or a program (`2*3*4`, `x**2`) are stars, and `__init__` is a name;
* `&amp;` and its like are text: who writes them means to show them.
"""

import re
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Delimiter
from markdown_it.token import Token

FORMULA = re.compile(
    r"""\\\((?:[^\\]|\\[^)])*?\\\)                 # \( … \)
      | \\\[(?:[^\\]|\\[^\]])*?\\\]                # \[ … \]
      | \$\$(?:[^$\\]|\\.)+?\$\$                   # $$ … $$
      | \$(?![\s$])(?:(?!\*\*)[^$\\\n`]|\\.)*?(?<![\s\\])\$(?![\w$])   # $…$, not two prices or $NAMES
      | \\[()\[\]]                                 # half a formula
    """,
    re.VERBOSE | re.DOTALL,
)
_DUNDER = re.compile(r"__[a-z][a-z0-9_]*__(?![^\W_])")
_OPERAND_BEFORE = re.compile(r"[A-Za-z0-9)\]]")
_OPERAND_AFTER = re.compile(r"\*+[A-Za-z0-9(]")


@cache
def parser() -> MarkdownIt:
    """Return the parser; it keeps no state between two texts."""
    markdown = MarkdownIt("commonmark", {"html": False}).enable("strikethrough").disable(["newline", "entity"])
    markdown.inline.ruler.before("escape", "formula", _formula)
    markdown.inline.ruler.at("emphasis", _emphasis)
    rules: Any = markdown
    rules.normalizeLink = rules.normalizeLinkText = str
    rules.validateLink = bool
    return markdown


def inline(source: str) -> list[Token]:
    """Parse the text of one paragraph, heading or cell."""
    return _tokenized(source).tokens


def unclosed(source: str) -> str:
    """Return the signs that would close the emphasis left open, innermost first."""
    waiting = (one for one in _tokenized(source).delimiters if one.open and one.end < 0)
    signs = (chr(one.marker) * (2 if one.marker == ord("~") else 1) for one in waiting)
    return "".join(signs)[::-1]


def _tokenized(source: str) -> StateInline:
    markdown = parser()
    state = StateInline(source, markdown, {}, [])
    markdown.inline.tokenize(state)
    for rule in markdown.inline.ruler2.getRules(""):
        rule(state)
    return state


def _formula(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - the parser's own signature
    """Take a formula as it is."""
    if state.src[state.pos] not in "\\$":
        return False
    found = FORMULA.match(state.src, state.pos, state.posMax)
    if found is None:
        return False
    if not silent:
        state.push("formula", "", 0).content = found.group()
    state.pos = found.end()
    return True


def _emphasis(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - as above
    """Take a run of stars or underscores; the parser pairs them later."""
    marker = state.src[state.pos]
    if silent or marker not in "*_":
        return False
    if name := _DUNDER.match(state.src, state.pos):
        state.append_pending(name.group())
        state.pos = name.end()
        return True
    run = state.scanDelims(state.pos, marker == "*" and not _is_operator(state))
    for _ in range(run.length):
        state.push("text", "", 0).content = marker
        place = len(state.tokens) - 1
        state.delimiters.append(Delimiter(ord(marker), run.length, place, -1, run.can_open, run.can_close))
    state.pos += run.length
    return True


def _is_operator(state: StateInline) -> bool:
    """Whether the stars stand between two operands."""
    before = state.src[state.pos - 1] if state.pos else ""
    return bool(_OPERAND_BEFORE.match(before) and _OPERAND_AFTER.match(state.src, state.pos))
