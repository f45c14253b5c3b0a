"""The grammar of Rich Markdown: CommonMark, tables, and what Telegram adds to both.

Added are `~~struck~~`, `==marked==`, `||hidden||`, `$formulas$`, blocks of `$$`, footnotes and tags.
"""

import re
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

from bot.sandbox.telegram.rich.markup import ENTITY, decoded

_FORMULA = re.compile(
    r"\$\$(?P<display>(?:[^$\\]|\\.)+?)\$\$|\$(?P<inline>(?![\s$])(?:[^$\\\n]|\\.)*?(?<![\s\\]))\$(?!\d)",
    re.DOTALL,
)
_NOTE = re.compile(r"\[\^(?P<name>[^\]\s]+)\]")
_DEFINITION = re.compile(r"\[\^(?P<name>[^\]\s]+)\]:[ \t]*(?P<text>.*)")
_PAIRS = {"==": "mark", "||": "tg-spoiler"}


@cache
def grammar() -> MarkdownIt:
    """Return the parser; it keeps no state between two texts."""
    markdown = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).disable("entity")
    markdown.block.ruler.before("fence", "formula", _formula_block, {"alt": ["paragraph", "blockquote"]})
    markdown.block.ruler.before("reference", "note", _note_block, {"alt": ["paragraph"]})
    markdown.inline.ruler.before("escape", "formula", _formula)
    markdown.inline.ruler.before("link", "note", _note)
    markdown.inline.ruler.before("emphasis", "pair", _pair)
    markdown.inline.ruler.push("character", _entity)
    markdown.inline.add_terminator_char("|")
    markdown.inline.add_terminator_char("=")
    markdown.inline.add_terminator_char("$")
    markdown.inline.add_terminator_char("&")
    return markdown


def _formula_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - the parser's own signature
    """Take the lines between two lines of `$$`."""
    if _line(state, start).strip() != "$$":
        return False
    closing = next((number for number in range(start + 1, end) if _line(state, number).strip() == "$$"), None)
    if closing is None:
        return False
    if not silent:
        token = state.push("formula_block", "", 0)
        token.content = state.getLines(start + 1, closing, state.blkIndent, keepLastLF=False).strip()
        state.line = closing + 1
    return True


def _note_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: ARG001, FBT001 - as above
    """Take the text of a footnote, a line long."""
    found = _DEFINITION.fullmatch(_line(state, start))
    if found is None:
        return False
    if not silent:
        token = state.push("note_block", "", 0)
        token.info, token.content = found["name"], found["text"]
        state.line = start + 1
    return True


def _line(state: StateBlock, number: int) -> str:
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]]


def _formula(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - as above
    """Take a formula within a line."""
    found = _FORMULA.match(state.src, state.pos, state.posMax)
    if found is None:
        return False
    if not silent:
        state.push("formula", "", 0).content = (found["display"] or found["inline"]).strip()
    state.pos = found.end()
    return True


def _note(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - as above
    """Take the sign of a footnote."""
    found = _NOTE.match(state.src, state.pos, state.posMax)
    if found is None:
        return False
    if not silent:
        state.push("note", "", 0).content = found["name"]
    state.pos = found.end()
    return True


def _pair(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - as above
    """Take what stands between two equal double signs."""
    sign = state.src[state.pos : state.pos + 2]
    start = state.pos + 2
    closing = state.src.find(sign, start, state.posMax) if sign in _PAIRS else -1
    inner = state.src[start:closing]
    if closing < 0 or not inner or inner != inner.strip():
        return False
    if not silent:
        state.push("tag_open", _PAIRS[sign], 1)
        before, state.pos, state.posMax = state.posMax, start, closing
        state.md.inline.tokenize(state)
        state.posMax = before
        state.push("tag_close", _PAIRS[sign], -1)
    state.pos = closing + 2
    return True


def _entity(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - as above
    """Take a character that is written as an entity."""
    found = ENTITY.match(state.src, state.pos, state.posMax)
    if found is None:
        return False
    if not silent:
        state.pending += decoded(found.group())
    state.pos = found.end()
    return True
