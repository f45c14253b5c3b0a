"""From the Markdown of a model to the contents of messages, at the price of what is new.

A composer belongs to one growing answer and remembers what can no longer change; composing step by step gives
exactly what composing the last text at once would give, also after a revision of earlier text.
"""

from collections.abc import Iterable, Sequence

from bot.replies.contents import kept
from bot.replies.entities import Rendered, is_visible
from bot.replies.markup.renderer import Growth
from bot.replies.markup.source import clean
from bot.replies.pieces import Piece
from bot.replies.split import MESSAGE_UNITS, Sheet


class EntityComposer:
    """Composes text with entities: at most 4096 UTF-16 units and 100 entities in a part."""

    def __init__(self) -> None:
        self._shown: list[Rendered] = []
        self._settled: list[Rendered] = []
        self._begin(MESSAGE_UNITS)

    def compose(
        self, text: str, *, is_final: bool = True, mark: str = "", most_units: int | None = None
    ) -> Sequence[Rendered]:
        """Return the parts; see `Composer`."""
        most_units = most_units or MESSAGE_UNITS
        if most_units != self._most_units or not self._growth.is_continued_by(text):
            self._begin(most_units)
        for piece in self._growth.settle(text):
            self._sheet.add(piece)
            self._settled = self._kept(self._sheet.full(most_units))
        self._shown = self._kept(self._rest(is_final=is_final and not mark, mark=mark))
        return self._shown

    def _begin(self, most_units: int) -> None:
        self._most_units = most_units
        self._growth = Growth(most_units)
        self._sheet = Sheet()
        self._settled = []

    def _rest(self, *, is_final: bool, mark: str) -> list[Rendered]:
        """Return the parts that more text may change."""
        sheet = self._sheet.copy()
        for piece in self._growth.rest(is_final=is_final):
            sheet.add(piece)
        if mark:
            sheet.add(Piece(Rendered(clean(mark).strip()), "\n\n"))
        return [*sheet.full(self._most_units), *sheet.rest()]

    def _kept(self, more: Iterable[Rendered]) -> list[Rendered]:
        """Return the settled parts and more."""
        return kept(self._settled, (part for part in more if is_visible(part.text)), self._shown)
