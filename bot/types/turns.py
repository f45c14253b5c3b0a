"""What was asked and answered: turns of a dialogue, the messages of a question, what can be asked again."""

from dataclasses import dataclass

from bot.types.places import Person


@dataclass(frozen=True, slots=True)
class Example:
    """A question and the answer the operator would like, shown to the model before the dialogue."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and its answer, as they are kept in the history."""

    question: str
    answer: str
    asked_at: float
    """Unix time in seconds."""
    tokens: int
    """What both texts cost in a later request: an estimate, never below 1."""
    photos: tuple[str, ...] = ()
    """The pictures of the question, by the ids under which Telegram keeps them."""


@dataclass(frozen=True, slots=True)
class Part:
    """One message of a question: changing it changes the question."""

    message_id: int
    text: str
    quote: str = ""
    """What it refers to, or what it forwards."""
    gap: str = "\n\n"
    """What stands between it and the part before."""
    photos: tuple[str, ...] = ()
    """Its pictures, and those of what it refers to, by the ids under which Telegram keeps them."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """The newest question of a conversation, whose answer may have failed, been stopped or been cut short."""

    turn_id: str
    """Tells this exchange from all others: the id of the newest reply to the question, as on its buttons."""
    prompt: str
    """The one that answered; empty: none, so that whichever is in use then answers it again."""
    question: str
    """As the person wrote it, without what it quotes."""
    question_id: int | None
    """The person's message, the last one of several; None: it was not a message but the press of a button."""
    asker: Person
    message_ids: tuple[int, ...]
    """The messages of the answer."""
    answer: str
    """What of the answer is remembered; empty: it failed."""
    is_truncated: bool = False
    """Whether the model may be asked to go on."""
    chat_id: int = 0
    """Where its messages are; a group that moved counts them anew. 0: not known."""
    quote: str = ""
    """What the question refers to, as the model read it above the question."""
    is_continuation: bool = False
    """Whether it asks the model to go on with the answer before."""
    remembered_id: str = ""
    """The turn of the history that another answer replaces; empty: the history has none.

    It differs from `turn_id` if the newest attempt failed and the answer of an earlier one was put back.
    """
    asked_at: float = 0.0
    """Unix time in seconds."""
    parts: tuple[Part, ...] = ()
    """The messages of the question, if there are several; each has its own quote."""
    photos: tuple[str, ...] = ()
    """The pictures of all its messages."""

    @property
    def said(self) -> tuple[Part, ...]:
        """The messages of the question, also if it is one; none: it was the press of a button."""
        if self.parts or self.question_id is None:
            return self.parts
        return (Part(self.question_id, self.question, self.quote, photos=self.photos),)


@dataclass(frozen=True, slots=True)
class Window:
    """How much of a dialogue a prompt wants to see."""

    max_tokens: int
    idle_reset_s: float | None = None
    """A silence longer than this begins the dialogue anew; None: never."""
