"""What models get and what they yield: asks and pieces, orders and pictures, schemes and verdicts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from bot.types.models import Ability, ModelChoice
from bot.types.turns import Example, Turn

_MAGIC = ((b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"), (b"RIFF", "image/webp"))


class Role(StrEnum):
    """Who speaks a line of a request."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as bytes, which decode as the type that is stated."""

    data: bytes = field(repr=False)
    mime_type: str = "image/jpeg"


def mime_type_of(data: bytes) -> str:
    """Return the type that the beginning of a picture tells; empty: it is none that is known."""
    return next((kind for magic, kind in _MAGIC if data.startswith(magic)), "")


@dataclass(frozen=True, slots=True)
class Line:
    """One message of a request to a model."""

    role: Role
    text: str
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True, slots=True)
class Ask:
    """Everything a model gets for one answer."""

    model: ModelChoice
    question: str
    system: str = ""
    examples: tuple[Example, ...] = ()
    history: tuple[Turn, ...] = ()
    """Oldest first."""
    photos: tuple[str, ...] = ()
    """The pictures of the question, by the ids under which Telegram keeps them."""
    album: Mapping[str, Picture] = field(default_factory=dict, repr=False, hash=False)
    """Pictures by these ids, of the question and of earlier turns; one that is not here is not shown again."""
    asker_id: int = 0
    """Who is served fairly among others who wait; 0: nobody in particular."""
    unseen: str = ""
    """What the model reads in place of `{count}` pictures of a message that it is not shown; empty: nothing."""

    def lines(self) -> Iterator[Line]:
        """Yield the messages in the order a model reads them; an empty system prompt is left out.

        No picture is shown to a model that is known to read none.
        """
        if self.system:
            yield Line(Role.SYSTEM, self.system)
        for example in self.examples:
            yield Line(Role.USER, example.question)
            yield Line(Role.ASSISTANT, example.answer)
        for turn in self.history:
            yield self._said(turn.question, turn.photos)
            yield Line(Role.ASSISTANT, turn.answer)
        yield self._said(self.question, self.photos)

    def _said(self, text: str, photos: tuple[str, ...]) -> Line:
        album = self.album if self.model.may(Ability.VISION) else {}
        shown = tuple(album[photo] for photo in photos if photo in album)
        count = len(photos) - len(shown)
        mark = self.unseen.format(count=count) if count else ""
        return Line(Role.USER, "\n\n".join(filter(None, [mark, text])), shown)


@dataclass(frozen=True, slots=True)
class Usage:
    """What an answer cost, in tokens, as the service counted it."""

    input_tokens: int = 0
    completion_tokens: int = 0
    """Hidden reasoning included."""
    reasoning_tokens: int = 0

    @property
    def total_tokens(self) -> int:
        """Tokens read and written together."""
        return self.input_tokens + self.completion_tokens


@dataclass(frozen=True, slots=True)
class Ratio:
    """How wide a picture is, compared with its height."""

    width: int = 1
    height: int = 1

    def __str__(self) -> str:
        return f"{self.width}:{self.height}"


@dataclass(frozen=True, slots=True)
class ImageOrder:
    """Everything an image model gets for one picture."""

    words: str
    """What is to be drawn, with the style around it."""
    model: ModelChoice
    seed: int
    """The same words and seed give the same picture; above 0."""
    ratio: Ratio = Ratio()


@dataclass(frozen=True, slots=True)
class Sample:
    """A text with the label that it should get."""

    text: str
    label: str


@dataclass(frozen=True, slots=True)
class Scheme:
    """How texts are told apart: by a task in words and labels, perhaps with samples, or by a tuned model."""

    model: ModelChoice
    """A tuned one brings its own labels; then task, labels and samples are empty."""
    task: str = ""
    labels: tuple[str, ...] = ()
    samples: tuple[Sample, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a classifier thinks of a text."""

    confidences: tuple[tuple[str, float], ...]
    """Each label with a number from 0 to 1, in the order of the service."""
    input_tokens: int = 0
    model_version: str = ""

    @property
    def ranked(self) -> tuple[tuple[str, float], ...]:
        """The same, best first."""
        return tuple(sorted(self.confidences, key=lambda one: -one[1]))


class Ending(StrEnum):
    """How a model came to its end by itself; whatever else ends an answer is an error."""

    COMPLETE = "complete"
    TRUNCATED = "truncated"
    """Cut by `max_tokens`."""


class Piece(NamedTuple):
    """What a model yields: the *whole* answer so far, which replaces all that came before.

    Services that send deltas are summed up by their adapter, because the native service sends cumulative text
    that it may revise. A tuple, because so many are made: a frozen dataclass takes twice as long.
    """

    text: str
    ending: Ending | None = None
    """Set on the last piece only."""
    usage: Usage | None = None
    """What the answer has cost so far; None if the service tells nothing, or not yet."""
    model_version: str = ""
    thought: str = ""
    """What a reasoning model has thought so far, if the service tells; never part of the answer."""
    waiting: int = 0
    """The place in the line of those who wait for the service, from 1, and then no text; 0: it writes."""
    model: str = ""
    """Which model writes, by its label; empty: the one that was asked."""
