"""What is noted down of the work: traces of turns, expenses, and what is counted."""

from dataclasses import dataclass, field
from enum import StrEnum

from bot.types.asks import Ask, Usage
from bot.types.models import ModelChoice
from bot.types.places import DialogueKey, Person


class Work(StrEnum):
    """What the operator pays for."""

    TEXT = "text"
    TEXT_LATER = "text-later"
    """Answers of `mode: async`, which cost less."""
    IMAGE = "image"
    CLASSIFICATION = "classification"


@dataclass(frozen=True, slots=True)
class Expense:
    """What one call to the service has cost."""

    person: Person
    prompt: str
    """The prompt, style or classifier, by its name."""
    model: ModelChoice
    work: Work
    at: float
    """Unix time in seconds."""
    usage: Usage = field(default_factory=Usage)
    requests: int = 1


@dataclass(frozen=True, slots=True)
class TurnTrace:
    """What one turn did, for whoever watches: the playground's inspector, metrics, the log."""

    dialogue: DialogueKey
    person: Person
    message_ids: tuple[int, ...]
    """The messages of the answer, in order."""
    ask: Ask
    answer: str
    outcome: str
    """`complete`, `truncated`, `stopped`, or the name of the error's class."""
    usage: Usage | None
    first_text_s: float | None
    """Seconds from the start of the turn to the model's first text; None: there was none."""
    total_s: float
    asked_at: float = field(default=0.0)
    """Unix time in seconds."""
    model_version: str = ""
    model: str = ""
    """Which one wrote; empty: the one that was asked."""
    is_late: bool = False
    """Whether the answer was ordered, and nobody watched: its times are not those of other turns."""


class Happening(StrEnum):
    """What is counted, for the operator's metrics, besides turns."""

    RECEIVED = "received"
    """Telegram brought an update of a kind that the bot asks for."""
    KEPT = "kept"
    KNOWN = "known"
    """The update had been brought before."""
    REFUSED = "refused"
    """The update was not kept, because too many wait."""
    DONE = "done"
    REPLACED = "replaced"
    """The update was let go unanswered, because the person has said something newer."""
    DEAD = "dead"
    HANDED_BACK = "handed_back"
    """The update was given up unhandled, for another attempt or another worker."""
    TAKEN_OVER = "taken_over"
    """A claim without a sign of life was taken from its worker."""
    UNDELIVERED = "undelivered"
    """What was to be said is not shown, because the chat is gone or Telegram does not take it."""
    FLOODED = "flooded"
    """Telegram asked for silence in a chat: its answer 429."""
    FRAME_GRANTED = "granted"
    FRAME_POSTPONED = "postponed"
    """A frame had to wait for its call; newer text overtakes it."""
