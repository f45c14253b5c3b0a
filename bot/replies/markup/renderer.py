"""The growing text of one answer, rendered again and again at the price of what is new."""

from collections.abc import Iterator

from bot.replies.entities import Rendered
from bot.replies.markup.setter import Setter
from bot.replies.markup.source import Source
from bot.replies.pieces import Piece
from bot.replies.split import MESSAGE_UNITS, Sheet


def render(source: str, *, is_final: bool = True) -> Rendered:
    """Render Markdown from scratch; a text that still grows (`is_final=False`) hides half-written signs."""
    return Renderer().render(source, is_final=is_final)


class Growth:
    """The pieces of one growing answer, each set once; a revised text takes a new one."""

    def __init__(self, most_units: int = MESSAGE_UNITS) -> None:
        self._source = Source()
        self._setter = Setter(most_units)

    def is_continued_by(self, text: str) -> bool:
        """Whether what is settled stands in this text, too."""
        return self._source.is_continued_by(text)

    def settle(self, text: str) -> Iterator[Piece]:
        """Take the whole text so far; yield the pieces that more text cannot change."""
        for leaf in self._source.settle(text):
            yield from self._setter.set(leaf)

    def rest(self, *, is_final: bool) -> Iterator[Piece]:
        """Yield the pieces that are not settled, as they look now."""
        setter = self._setter.copy()
        for leaf in self._source.rest(is_final=is_final):
            yield from setter.set(leaf)
        yield from setter.end(is_open=not is_final)


class Renderer:
    """Renders one growing answer into one text, however long; remembers what can no longer change."""

    def __init__(self) -> None:
        self._growth, self._sheet = Growth(), Sheet()

    def render(self, source: str, *, is_final: bool = True) -> Rendered:
        """Render the whole text so far; equals a rendering from scratch, also after a revision of the text."""
        if not self._growth.is_continued_by(source):
            self._growth, self._sheet = Growth(), Sheet()
        for piece in self._growth.settle(source):
            self._sheet.add(piece)
        sheet = self._sheet.copy()
        for piece in self._growth.rest(is_final=is_final):
            sheet.add(piece)
        return sheet.whole()
