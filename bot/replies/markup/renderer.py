"""The growing text of one answer, rendered again and again at the price of what is new.

Blocks behind which another one has begun are settled: more text cannot change them, because link definitions,
the one thing in Markdown that reaches back, are not understood. They are rendered once.
"""

import re

from markdown_it.token import Token

from bot.replies.entities import Rendered
from bot.replies.markup import live, parser
from bot.replies.markup.blocks import Page, first_line

_PROOF_LINES = 2
"""Complete lines that tell for certain what begins there: a table shows only in its second one."""
_DROPPED = re.compile("[\u2028-\u202e\u030a\u0333\u033f]")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SURROGATES = re.compile("[\ud800-\udfff]")


def render(source: str, *, is_final: bool = True) -> Rendered:
    """Render Markdown from scratch; a text that still grows (`is_final=False`) hides half-written signs."""
    return Renderer().render(source, is_final=is_final)


class Renderer:
    """Renders one growing answer; remembers what can no longer change."""

    def __init__(self) -> None:
        self._source = ""
        self._proof = ""
        self._settled = Rendered()
        self._gap = ""

    def render(self, source: str, *, is_final: bool = True) -> Rendered:
        """Render the whole text so far; equals a rendering from scratch, also after a revision of the text."""
        source = clean(source)
        if not source.startswith(self._proof):
            self._source, self._proof, self._settled, self._gap = "", "", Rendered(), ""
        tail = source[len(self._source) :]
        page, tokens = Page(tail, self._gap), parser.blocks(tail)
        tokens = self._unsettled(page, tokens, tail)
        if not is_final:
            page, tokens = self._presentable(page, tokens, source[len(self._source) :])
        return page.continued(self._settled, tokens).stripped()

    def _unsettled(self, page: Page, tokens: list[Token], tail: str) -> list[Token]:
        """Put away the blocks that are settled and return the others."""
        index = _border(tokens, tail.count("\n"))
        if index == 0:
            return tokens
        border = tokens[index]
        self._settled = page.continued(self._settled, tokens[:index])
        self._gap = page.gap(border)
        lines = tail.split("\n")
        line = first_line(border)
        self._proof = self._source + "\n".join(lines[: line + _PROOF_LINES]) + "\n"
        self._source += "\n".join(lines[:line]) + "\n"
        return tokens[index:]

    def _presentable(self, page: Page, tokens: list[Token], tail: str) -> tuple[Page, list[Token]]:
        """Complete or hide what is half-written at the end of a text that still grows."""
        presentable = live.without_signs(tail)
        if not live.is_verbatim(tokens):
            presentable = live.with_dashes(presentable)
        if presentable != tail:
            page, tokens = Page(presentable, self._gap), parser.blocks(presentable)
        live.close(tokens)
        return page, tokens


def clean(source: str) -> str:
    """Do to the source what Telegram would do to the text: controls become blanks, direction marks go.

    Tabs are expanded first, because Telegram makes one blank of each.
    """
    source = source.replace("\r\n", "\n").replace("\r", "\n").expandtabs(4)
    if not source.isascii():
        source = _SURROGATES.sub("\ufffd", _DROPPED.sub("", source))
    return _CONTROLS.sub(" ", source)


def _border(tokens: list[Token], complete_lines: int) -> int:
    """Find the last block that has begun for good, so that those before it are settled."""
    for index in range(len(tokens) - 1, 0, -1):
        token = tokens[index]
        if token.level == 0 and token.nesting >= 0 and first_line(token) + _PROOF_LINES <= complete_lines:
            return index
    return 0
