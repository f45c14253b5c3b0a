"""A `Replies` that writes down what it was told to show."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from bot.errors import ChatGone, DeliveryError, GovorunError
from bot.types import Buttons, File, Manner, Person, Piece, Place

NO_MANNER = Manner()


@dataclass
class WrittenReply:
    """One answer: its frames, what was thought before them, and how it ended."""

    place: Place
    person: Person
    manner: Manner = NO_MANNER
    thoughts: list[str] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    """In the line of those who wait for the model."""
    frames: list[str] = field(default_factory=list)
    ending: str = ""
    text: str = ""
    is_truncated: bool = False
    file: File | None = None
    error: GovorunError | None = None
    kept: Piece | None = None
    """What was put back with the error."""
    offers: Buttons = ()
    trouble: DeliveryError | None = None
    """What the end raises."""
    gone_after: int | None = None
    """How many frames are shown before the chat is found to be gone."""
    message_ids: tuple[int, ...] = (1,)
    earlier_answer: str | None = None
    undelivered: Piece | None = None

    def think(self, thought: str = "") -> None:
        self.thoughts.append(thought)

    def stand_in_line(self, place: int) -> None:
        self.places.append(place)

    def show(self, text: str) -> None:
        if len(self.frames) == self.gone_after:
            raise ChatGone("blocked")
        self.frames.append(text)

    async def finish(self, text: str, *, is_truncated: bool = False, file: File | None = None) -> None:
        self._end("finished")
        self.text, self.is_truncated, self.file = text, is_truncated, file

    async def fail(self, error: GovorunError, *, kept: Piece | None = None, offers: Buttons = ()) -> None:
        self._end("failed")
        self.error, self.kept, self.offers = error, kept, offers

    async def stop(self) -> None:
        self._end("stopped")

    def _end(self, ending: str) -> None:
        if self.trouble:
            raise self.trouble
        self.ending = ending


@dataclass
class WrittenReplies:
    """Hands out replies that are written down."""

    trouble: DeliveryError | None = None
    earlier_answer: str | None = None
    undelivered: Piece | None = None
    gone_after: int | None = None
    opened: dict[str, WrittenReply] = field(default_factory=dict)

    @asynccontextmanager
    async def open(
        self, place: Place, person: Person, *, reply_id: str, manner: Manner = NO_MANNER
    ) -> AsyncIterator[WrittenReply]:
        reply = WrittenReply(place, person, manner, trouble=self.trouble, earlier_answer=self.earlier_answer)
        reply.undelivered, reply.gone_after = self.undelivered, self.gone_after
        reply.message_ids = manner.in_place or (len(self.opened) + 1,)
        self.opened[reply_id] = reply
        yield reply
