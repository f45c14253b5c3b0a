"""A `Replies` that writes down what it was told to show."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from bot.errors import DeliveryError, GovorunError
from bot.types import Person, Place


@dataclass
class WrittenReply:
    """One answer: its frames, and how it ended."""

    frames: list[str] = field(default_factory=list)
    ending: str = ""
    text: str = ""
    is_truncated: bool = False
    error: GovorunError | None = None
    trouble: DeliveryError | None = None
    """What the end raises."""
    message_ids: tuple[int, ...] = (1,)
    earlier_answer: str | None = None

    def show(self, text: str) -> None:
        self.frames.append(text)

    async def finish(self, text: str, *, is_truncated: bool = False) -> None:
        self._end("finished")
        self.text, self.is_truncated = text, is_truncated

    async def fail(self, error: GovorunError) -> None:
        self._end("failed")
        self.error = error

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
    opened: dict[str, WrittenReply] = field(default_factory=dict)

    @asynccontextmanager
    async def open(self, place: Place, person: Person, *, reply_id: str) -> AsyncIterator[WrittenReply]:
        del place, person
        self.opened[reply_id] = WrittenReply(trouble=self.trouble, earlier_answer=self.earlier_answer)
        yield self.opened[reply_id]
