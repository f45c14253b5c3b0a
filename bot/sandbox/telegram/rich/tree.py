"""Tags within tags: what Markdown and HTML both become.

Names of tags are the documented ones; synonyms become one of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.sandbox.telegram.refusals import Refusal, bad_request

INLINE = frozenset(
    {"b", "i", "u", "s", "code", "mark", "sub", "sup", "a", "br", "tg-spoiler", "tg-math", "tg-ref", "tg-note"}
)
"""Tags within a line; the last two are footnotes, which only Markdown has."""
BLOCKS = frozenset(
    {
        "p", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "footer", "hr", "ul", "ol", "li", "blockquote", "cite",
        "aside", "table", "caption", "thead", "tbody", "tr", "th", "td", "details", "summary", "tg-math-block",
        "tg-thinking",
    }
)  # fmt: skip
_NOT_SHOWN = frozenset(
    {
        "img", "video", "audio", "figure", "figcaption", "input", "tg-document", "tg-map", "tg-collage",
        "tg-slideshow", "tg-button", "tg-button-row", "tg-emoji", "tg-time",
    }
)  # fmt: skip
"""Documented, but not played here."""
_VOID = frozenset({"br", "hr"})
_SYNONYMS = {"strong": "b", "em": "i", "ins": "u", "strike": "s", "del": "s"}
_HIDDEN = {"class": "tg-spoiler"}


@dataclass(slots=True)
class Node:
    """A tag with what is in it."""

    tag: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    children: list["Node | str"] = field(default_factory=list)


class Builder:
    """Puts tags into each other as they open and close; `is_strict` as in `RichRules`."""

    def __init__(self, *, is_strict: bool) -> None:
        self.root = Node("")
        self._open = [self.root]
        self._is_strict = is_strict

    @property
    def depth(self) -> int:
        """How many tags are open."""
        return len(self._open)

    @property
    def begun_item(self) -> Node | None:
        """The item of a list whose first paragraph has just been opened."""
        *_, item, innermost = [self.root, *self._open]
        return item if item.tag == "li" and item.children == [innermost] and not innermost.children else None

    def is_inside(self, tag: str) -> bool:
        """Whether such a tag is open."""
        return any(node.tag == tag for node in self._open)

    def text(self, text: str) -> None:
        """Add text to the innermost tag."""
        if text:
            self._open[-1].children.append(text)

    def start(self, name: str, attributes: Mapping[str, str] | None = None, *, raw: str = "") -> None:
        """Open a tag; `raw` is how it was written.

        Raises:
            Refusal: it is unknown, or this server does not show it.
        """
        tag = "tg-spoiler" if name == "span" and attributes == _HIDDEN else _SYNONYMS.get(name, name)
        if tag in _NOT_SHOWN:
            raise bad_request(f"this stand-in for Telegram does not show <{tag}> in rich messages")
        if tag not in INLINE | BLOCKS:
            self._refuse(f'Unsupported start tag "{name}"')
            self.text(raw)
            return
        node = Node(tag, attributes or {})
        self._open[-1].children.append(node)
        if tag not in _VOID:
            self._open.append(node)

    def end(self, name: str, *, raw: str = "") -> None:
        """Close a tag, which must be the innermost one.

        Raises:
            Refusal: it is not.
        """
        tag = _SYNONYMS.get(name, name)
        innermost = self._open[-1].tag
        if tag == innermost or (tag == "span" and innermost == "tg-spoiler"):
            self._open.pop()
        elif tag not in _VOID:
            self._refuse(f'Unexpected end tag "{name}"')
            self.text(raw if tag not in INLINE | BLOCKS else "")

    def settle(self, depth: int) -> None:
        """Close whatever was left open behind this depth.

        Raises:
            Refusal: something was.
        """
        if self.depth > depth:
            self._refuse(f'Can\'t find end tag corresponding to start tag "{self._open[-1].tag}"')
            del self._open[depth:]

    def _refuse(self, reason: str) -> None:
        if self._is_strict:
            raise _unreadable(reason)


def _unreadable(reason: str) -> Refusal:
    return bad_request(f"can't parse rich message: {reason}")
