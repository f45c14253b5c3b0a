r"""Inline Markdown for Telegram's own parser: what the model meant stays, what it did not mean is escaped.

Rich Markdown interprets tags, named characters, `==marks==`, `||spoilers||`, footnotes, `$` everywhere and
emphasis in `2*3*4`; models that write these mean the signs. Of formulas it knows only those between dollars.
An image would be fetched and a bad address dropped, so one becomes a link and the other is spelt out.

Source: https://core.telegram.org/bots/api#rich-message-formatting-options
"""

import re
from collections.abc import Sequence

from markdown_it.token import Token

from bot.replies.markup import tex
from bot.replies.markup.inline import is_url
from bot.replies.markup.parser import inline

_MEANT = re.compile(
    r"""[`~]                                   # code, struck
      | (?<!\s)\*|\*(?!\s)                     # emphasis
      | (?<![^\W_])_|_(?![^\W_])               # emphasis, but not within a name
      | \\(?=[!-/:-@\[-`{-~]|$)                # an escape
      | \[(?=\^)|\](?=\()                      # a footnote, a link
      | \$
      | (?:=(?==)|(?<==)=)|(?:\|(?=\|)|(?<=\|)\|)""",
    re.VERBOSE,
)
_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_CHARACTER = re.compile(r"&(?=[A-Za-z]+\d*;|\#\d+;|\#[xX][0-9a-fA-F]+;)")
_LINE_START = re.compile(
    r"^([ ]*)(\#{1,6}(?=\s|$)|>|[-+*](?=\s|$)|=+(?=[ ]*$)|-{2,}(?=[ ]*$)|\[(?=[^\]]*\]:))", re.MULTILINE
)
_NUMBER = re.compile(r"^([ ]*\d{1,9})([.)])(?=\s|$)", re.MULTILINE)
_TABLE_LINE = re.compile(
    r"^([ ]*)(?=[^\n]*\|)(?=[ ]*\|?[ ]*:?-+:?[ ]*(?:\|[ ]*:?-+:?[ ]*)*\|?[ ]*$)([|:-])", re.MULTILINE
)
"""The line below the head of a table: without it there is none, and a paragraph stays one."""
_PIPE = re.compile(r"(?<!\\)\|")
_BALANCED = re.compile(r"(?:[^()]|\([^()]*\))*")
_TICKS = re.compile(r"`+")


def neutral(source: str) -> str:
    """Return a paragraph or heading that shows as the model meant it; its lines stay lines."""
    text = _LINE_START.sub(r"\1\\\2", _written(inline(source)))
    text = _TABLE_LINE.sub(r"\1\\\2", _NUMBER.sub(r"\1\\\2", text))
    return text.replace("\n", "  \n")


def neutral_cell(source: str) -> str:
    """Return a cell of a table likewise, on one line."""
    return _PIPE.sub(r"\|", _written(inline(source))).replace("\n", "<br>")


def literal(text: str) -> str:
    """Return Markdown that shows just this text."""
    escaped = _CHARACTER.sub("&amp;", _MEANT.sub(r"\\\g<0>", text))
    return _TAG.sub("&lt;", escaped)


def formula(source: str) -> str:
    """Return the inside of a formula that has its delimiters and looks like one; empty: it does not."""
    if len(source) < 2 * _delimiter(source) or tex.shown(source) == source:
        return ""
    width = _delimiter(source)
    return source[width:-width].strip()


def _delimiter(source: str) -> int:
    return 2 if source.startswith(("$$", "\\")) else 1


def _written(tokens: Sequence[Token]) -> str:
    """Write tokens as Markdown again."""
    parts: list[str] = []
    links: list[tuple[int, Token]] = []
    for token in tokens:
        if token.type == "link_open":
            links.append((len(parts), token))
        elif token.type == "link_close":
            start, opened = links.pop()
            parts[start:] = [_linked("".join(parts[start:]), opened)]
        else:
            parts.append(_piece(token))
    return "".join(parts)


def _piece(token: Token) -> str:
    match token.type:
        case "code_inline":
            return _code(token.content)
        case "formula":
            inner = formula(token.content)
            sign = "$$" if token.content.startswith(("$$", "\\[")) else "$"
            return f"{sign}{inner}{sign}" if inner else literal(token.content)
        case "image":
            return _link(_written(token.children or ()), str(token.attrs["src"]))
        case "hardbreak":
            return "\n"
    return token.markup if token.nesting else literal(token.content)


def _linked(label: str, opened: Token) -> str:
    url = str(opened.attrs["href"])
    if opened.info != "auto":
        return _link(label, url)
    if is_url(url):
        return f"<{url}>"
    return label if url.startswith("mailto:") else f"&lt;{label}>"


def _link(label: str, url: str) -> str:
    if is_url(url):
        return f"[{label or literal(url)}]({_bracketed(url)})"
    address = literal(url)
    if url.removeprefix("mailto:") in {"", label}:
        return label
    return f"{label} ({address})" if label else address


def _bracketed(url: str) -> str:
    """Return the address so that brackets in it do not end it."""
    return url if _BALANCED.fullmatch(url) else f"<{url}>"


def _code(content: str) -> str:
    """Return code in enough backticks."""
    ticks = "`" * (1 + max((len(run) for run in _TICKS.findall(content)), default=0))
    pad = " " if content.startswith("`") or content.endswith("`") else ""
    return f"{ticks}{pad}{content}{pad}{ticks}"
