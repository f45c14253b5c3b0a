"""HTML, whole or in pieces between Markdown, into the tree.

Of named entities only the documented ones are decoded; blanks count only within `<pre>`.
"""

import re
from html import unescape
from html.parser import HTMLParser

from bot.sandbox.telegram.rich.tree import Builder

ENTITY = re.compile(
    r"&(?:lt|gt|amp|quot|apos|nbsp|hellip|mdash|ndash|lsquo|rsquo|ldquo|rdquo|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});"
)
_BLANKS = re.compile(r"[ \t\r\n]+")


def decoded(text: str) -> str:
    """Return the text with its entities as characters; unknown ones stay as they are."""
    return ENTITY.sub(lambda found: unescape(found.group()), text)


class Feeder(HTMLParser):
    """Hands what it is fed to a builder."""

    def __init__(self, builder: Builder) -> None:
        super().__init__(convert_charrefs=False)
        self._builder = builder

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open a tag."""
        attributes = {name: value or "" for name, value in attrs}
        self._builder.start(tag, attributes, raw=self.get_starttag_text() or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open a tag and close it if it can hold something."""
        depth = self._builder.depth
        self.handle_starttag(tag, attrs)
        if self._builder.depth > depth:
            self._builder.end(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close a tag."""
        self._builder.end(tag, raw=f"</{tag}>")

    def handle_data(self, data: str) -> None:
        """Add text."""
        self._builder.text(data if self._builder.is_inside("pre") else _BLANKS.sub(" ", data))

    def handle_entityref(self, name: str) -> None:
        """Add the character that a name stands for, or the name."""
        self._builder.text(decoded(f"&{name};"))

    def handle_charref(self, name: str) -> None:
        """Add the character that a number stands for."""
        self._builder.text(decoded(f"&#{name};"))


def read_html(source: str, builder: Builder) -> None:
    """Read a whole message.

    Raises:
        Refusal: a tag is unknown or in the wrong place.
    """
    feeder = Feeder(builder)
    feeder.feed(source)
    feeder.close()
    builder.settle(1)
