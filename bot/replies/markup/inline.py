"""The text of a paragraph: tokens in, text with entities out."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from markdown_it.token import Token

from bot.replies.entities import Entity, Kind, Rendered, tidy, units
from bot.replies.markup import tex
from bot.replies.markup.parser import inline

_URL = re.compile(
    r"""https?://(?:[^\s/?\#@\[\]"<>\\]*@)?            # who
        [\w-]+(?:\.[\w-]+)+(?::\d{1,5})?             # host
        (?:[/?\#][^\s"<>\\^`{|}]*)?
      | tg://[\w-]+(?:[/?\#][^\s"<>\\^`{|}]*)?""",
    re.VERBOSE | re.IGNORECASE,
)
_STYLES = {"em": Kind.ITALIC, "strong": Kind.BOLD, "s": Kind.STRIKE}


def rendered(source: str, *styles: Kind) -> Rendered:
    """Render inline Markdown; `styles` lie over the whole of it."""
    ink = _Ink()
    ink.write_all(inline(source))
    entities = [*ink.entities, *(Entity(style, 0, ink.at) for style in styles)]
    return Rendered(ink.text, tidy(ink.text, entities))


def plain(source: str) -> str:
    """Render inline Markdown as text alone, the addresses of links in brackets behind them."""
    ink = _Ink(has_links=False)
    ink.write_all(inline(source))
    return ink.text.replace("\n", " ")


def is_url(text: str) -> bool:
    """Whether Telegram takes it as the address of a link; it refuses the whole message for a bad one."""
    return _URL.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class _Target:
    """Where a link leads, where in the text it began, and what ends it."""

    url: str
    at: int
    chunk: int
    closer: str


class _Ink:
    """Writes tokens one after another and remembers what is open."""

    def __init__(self, *, has_links: bool = True) -> None:
        self.at = 0
        self.entities: list[Entity] = []
        self._has_links = has_links
        self._chunks: list[str] = []
        self._open: list[int] = []
        self._targets: list[_Target] = []

    @property
    def text(self) -> str:
        return "".join(self._chunks)

    def write_all(self, tokens: Sequence[Token]) -> None:
        for token in tokens:
            self._write_token(token)

    def _write(self, text: str) -> None:
        self._chunks.append(text)
        self.at += units(text)

    def _mark(self, kind: Kind, start: int, url: str | None = None) -> None:
        self.entities.append(Entity(kind, start, self.at - start, url))

    def _write_token(self, token: Token) -> None:
        match token.type:
            case "hardbreak":
                self._write("\n")
            case "code_inline":
                start = self.at
                self._write(token.content)
                self._mark(Kind.CODE, start)
            case "formula":
                self._write(tex.shown(token.content))
            case "image":
                target = self._target(str(token.attrs["src"]))
                self.write_all(token.children or ())
                self._lead(target)
            case "link_open":
                self._targets.append(self._opened(token))
            case "link_close":
                self._lead(self._targets.pop())
            case _:
                self._write_styled(token)

    def _target(self, url: str, closer: str = "") -> _Target:
        return _Target(url, self.at, len(self._chunks), closer)

    def _opened(self, token: Token) -> _Target:
        """Begin a link; `<std::string>` is an address to CommonMark, and to people it is not."""
        url = str(token.attrs["href"])
        if token.info != "auto" or is_url(url) or url.startswith("mailto:"):
            return self._target(url)
        self._write("<")
        return self._target("", ">")

    def _write_styled(self, token: Token) -> None:
        if token.nesting > 0:
            self._open.append(self.at)
        elif token.nesting < 0:
            self._mark(_STYLES[token.tag], self._open.pop())
        else:
            self._write(token.content)

    def _lead(self, target: _Target) -> None:
        """Make what was written since the target a link, or put the address behind it in brackets."""
        self._write(target.closer)
        label = "".join(self._chunks[target.chunk :]).strip()
        if self._has_links and is_url(target.url):
            self._write("" if label else target.url)
            self._mark(Kind.LINK, target.at, target.url)
        elif target.url.removeprefix("mailto:") not in {"", label}:
            self._write(f" ({target.url})" if label else target.url)
