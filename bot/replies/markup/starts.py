"""What begins on a line of Markdown: containers, headings, code, formulas and rules.

Source: https://spec.commonmark.org/0.31.2/
"""

import re

from bot.replies.markup.leaves import BULLET, Item, Quote

CODE_INDENT = 4
"""Blanks that make a line code."""
CONTAINERS = re.compile(r"[\s>]*")
QUOTE = re.compile(r" {0,3}> ?")
HEADING = re.compile(r"(#{1,6})(?:[ ]+|$)")
HEADING_END = re.compile(r"(?:^|[ ]+)#+[ ]*$")
FENCE = re.compile(r"(`{3,})([^`]*)$|(~{3,})(.*)$")
RULE = re.compile(r"([-*_])[ ]*(?:\1[ ]*){2,}$")
SIGNS_ONLY = re.compile(r"(?:[-+*_=#`~|:>\s]|\d{1,9}[.)]\s)*(?:\d{1,9}[.)]?)?")
"""A line that means nothing yet: half a rule, a fence, the dashes of a table, the number of an item."""
_ITEM = re.compile(r"([-+*]|(\d{1,9})[.)])(?: +|$)")
_OPENERS = {"\\[": "\\]", "$$": "$$"}


def indent_of(line: str) -> int:
    """Count the blanks that a line begins with."""
    return len(line) - len(line.lstrip(" "))


def container_at(rest: str, indent: int, *, is_in_text: bool) -> tuple[Item | Quote | None, str]:
    """Return the container that begins here, if any, and the rest of the line behind its sign."""
    if quote := QUOTE.match(rest):
        return Quote(), rest[quote.end() :]
    body = rest[indent:]
    found = _ITEM.match(body)
    if found is None or RULE.match(body):
        return None, rest
    content = body[found.end() :]
    if is_in_text and (not content or (found[2] and int(found[2]) != 1)):
        return None, rest
    sign = len(found[1])
    gap = found.end() - sign
    if gap > CODE_INDENT or not content:
        gap = 1
    return Item(found[1] if found[2] else BULLET, indent + sign + gap, bool(found[2])), body[sign + gap :]


def is_start(body: str) -> bool:
    """Whether a block begins here that ends a table."""
    is_block = HEADING.match(body) or FENCE.match(body) or RULE.match(body) or formula_closer(body)
    return bool(is_block) or container_at(body, 0, is_in_text=True)[0] is not None


def formula_closer(body: str) -> str:
    """Return what ends the formula that begins here and goes on below; empty if none does."""
    closer = _OPENERS.get(body[:2], "")
    return "" if not closer or closer in body[2:] or body.startswith("$$$") else closer


def is_fence_end(bare: str, closer: str) -> bool:
    """Whether a line ends the code that such a fence began."""
    return len(bare) >= len(closer) and not bare.strip(closer[0])
