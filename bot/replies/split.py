"""A long text cut into messages: whole, in order, and where a reader would pause.

Source: https://core.telegram.org/bots/api#sendmessage (1-4096 characters; counted here in UTF-16 units, which
is never less).
"""

from collections.abc import Iterable
from dataclasses import replace

from bot.replies.entities import BLANKS, MOST_ENTITIES, Entity, Kind, Rendered, in_order, moved_by, units
from bot.replies.pauses import Keep, fitting, pause
from bot.replies.pieces import Box, Piece

MESSAGE_UNITS = 4096
"""The most UTF-16 units in one message."""
_FEWEST_UNITS = 128
"""A part is not cut shorter than this for the looks in it: so dense a crowd rather loses the least of them."""


def split(whole: Rendered, most_units: int = MESSAGE_UNITS) -> list[Rendered]:
    """Cut into parts of at most `most_units`; entities are closed at a cut and reopened behind it.

    No part begins or ends with blanks, so the blanks around a cut are what the parts together lack. Each cut
    depends on the text up to the end of its part's window alone: while a text grows, earlier parts stay.
    """
    sheet = Sheet()
    sheet.add(Piece(whole.stripped()))
    return [*sheet.full(most_units), *sheet.rest()]


class Sheet:
    """What has been cut from nothing yet: pieces go in at the end, parts come off at the start."""

    def __init__(self) -> None:
        self._text = ""
        self._units = 0
        self._entities: list[Entity] = []
        self._boxes: list[tuple[object, Entity]] = []
        self._keeps: list[Keep] = []
        self._head: int | None = None

    def copy(self) -> "Sheet":
        """Return the same, to be filled further without touching this one."""
        twin = Sheet()
        twin._text, twin._units, twin._head = self._text, self._units, self._head
        twin._entities, twin._boxes, twin._keeps = [*self._entities], [*self._boxes], [*self._keeps]
        return twin

    def add(self, piece: Piece) -> None:
        """Put a piece below the others."""
        gap = piece.gap if self._text else ""
        start, base = len(self._text) + len(gap), self._units + len(gap)
        self._text += gap + piece.body.text
        self._units = base + units(piece.body.text)
        self._entities += moved_by(base, piece.body.entities)
        for box in piece.boxes:
            self._put_in(box, base + box.at)
        if self._head is not None:
            self._keeps.append(Keep(self._head, start + 1, is_weak=True))
        self._head = start if piece.is_head else None
        if piece.is_whole:
            self._keeps.append(Keep(start, len(self._text)))

    def full(self, most_units: int) -> Iterable[Rendered]:
        """Take the parts off that more text cannot change."""
        while self._units > (room := self._room(most_units)):
            yield self._cut(room, most_units)

    def rest(self) -> list[Rendered]:
        """Return the last part, if anything is left for one; it must fit."""
        part = self.whole().capped()
        return [part] if part.text else []

    def whole(self) -> Rendered:
        """Return all that is left as one text, without blanks around it, however long and colourful it is."""
        text = self._text.strip(BLANKS)
        start = len(self._text) - len(self._text.lstrip(BLANKS))
        return self._rendered().cut(start, start + len(text))

    def _rendered(self) -> Rendered:
        return Rendered(self._text, in_order((*(box for _, box in self._boxes), *self._entities)))

    def _put_in(self, box: Box, start: int) -> None:
        """Stretch the box of the same owner to the end, or open one."""
        for index in range(len(self._boxes) - 1, -1, -1):
            owner, old = self._boxes[index]
            if old.type is box.kind:
                if owner == box.owner:
                    self._boxes[index] = (owner, old.between(old.offset, self._units))
                    return
                break
        self._boxes.append((box.owner, Entity(box.kind, start, self._units - start, language=box.language)))

    def _room(self, most_units: int) -> int:
        """Return the room for this part: less if it would hold more looks than Telegram keeps."""
        if len(self._entities) + len(self._boxes) <= MOST_ENTITIES:
            return most_units
        entities = self._rendered().entities
        links = [one for one in entities if one.type is Kind.LINK]
        room = min(most_units, max(_FEWEST_UNITS, entities[MOST_ENTITIES].offset))
        return max(1, min(room, links[MOST_ENTITIES].offset)) if len(links) > MOST_ENTITIES else room

    def _cut(self, room: int, most_units: int) -> Rendered:
        """Take a part off; if it is its looks that are too many, as much text as can keep them.

        Only the newest text has made them so many: what stands further up has long been shown where it is.
        """
        text = self._text
        end = fitting(text, room)
        is_latest = room < most_units
        stop = len(text) if end == len(text) else pause(text[: end + 1], self._keeps, is_latest=is_latest)
        start = len(text) - len(text.lstrip(BLANKS))
        part = self._rendered().cut(start, max(start, len(text[:stop].rstrip(BLANKS)))).capped()
        self._drop(len(text) - len(text[stop:].lstrip(BLANKS)))
        return part

    def _drop(self, start: int) -> None:
        """Forget the text before that character; what reaches beyond it begins anew there."""
        first = units(self._text[:start])
        rest = Rendered(self._text, tuple(self._entities)).cut(start, len(self._text))
        self._text, self._units, self._entities = rest.text, self._units - first, list(rest.entities)
        moved = (
            (owner, box.between(max(box.offset - first, 0), box.end - first)) for owner, box in self._boxes
        )
        self._boxes = [(owner, box) for owner, box in moved if box.length > 0]
        self._keeps = [
            replace(keep, start=keep.start - start, end=keep.end - start)
            for keep in self._keeps
            if keep.start >= start
        ]
        self._head = self._head - start if self._head is not None and self._head >= start else None
