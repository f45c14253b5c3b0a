"""The values that travel between the rooms: frozen, without I/O, known to everyone.

The vocabulary is used everywhere with one meaning: a *turn* is a question with its answer, an *ask* is what
the model gets, a *piece* is what it yields, a *frame* is what the person sees meanwhile, a *conversation* is a
chat with its topic, and a *dialogue* is what was said in a conversation under one prompt.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class ConversationKey:
    """Where people talk: first come, first answered holds within one of these."""

    bot_id: int
    chat_id: int
    topic_id: int | None = None
    business_id: str | None = None

    @property
    def slug(self) -> str:
        """The key as text, unique within the bot: `chat`, `chat:topic`, `chat:topic:business`."""
        parts = (self.chat_id, "" if self.topic_id is None else self.topic_id, self.business_id or "")
        return ":".join(map(str, parts)).rstrip(":")

    def moved_to(self, chat_id: int) -> "ConversationKey":
        """Return the same conversation in another chat: a group that became a supergroup."""
        return ConversationKey(self.bot_id, chat_id, self.topic_id, self.business_id)


@dataclass(frozen=True, slots=True)
class DialogueKey:
    """A conversation under one prompt: each prompt remembers its own dialogue."""

    conversation: ConversationKey
    prompt: str


@dataclass(frozen=True, slots=True)
class Person:
    """Who is speaking, as Telegram names them."""

    user_id: int
    name: str
    language: str
    """`ru` or `en`: the language the bot speaks with this person."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an answer goes, and to which message it replies (`reply_to` of None: to none)."""

    conversation: ConversationKey
    is_group: bool = False
    reply_to: int | None = None
    below: int | None = None
    """The message that the answer will stand below: whatever the bot sends has a higher id. None: not known."""

    @property
    def is_private(self) -> bool:
        """Whether the bot is alone with one person, and speaks for itself and not for a business."""
        return self.conversation.chat_id > 0 and self.conversation.business_id is None


class Transport(StrEnum):
    """How an answer grows in a chat."""

    EDIT = "edit"
    """A message is sent and then edited: works everywhere."""
    DRAFT = "draft"
    """Telegram's own drafts, in private chats; elsewhere as `EDIT`."""


class Format(StrEnum):
    """What the messages of an answer are made of."""

    ENTITIES = "entities"
    """Text with entities: shown by every client."""
    RICH = "rich"
    """Rich messages with tables and formulas; where they are refused, as `ENTITIES`."""


class WhileBusy(StrEnum):
    """What happens to a person's messages that come while an answer grows."""

    MERGE = "merge"
    """All that wait are one question."""
    QUEUE = "queue"
    """Each is answered, in order."""
    REPLACE = "replace"
    """The answer is stopped, and the newest of them is answered."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How one answer is delivered."""

    transport: Transport | None = None
    """None: as the operator has set it for the whole bot."""
    format: Format = Format.ENTITIES
    in_place: tuple[int, ...] = ()
    """The messages of an earlier answer, which this one replaces."""


@dataclass(frozen=True, slots=True)
class Button:
    """A button below a message; `data` comes back when it is pressed: 1 to 64 bytes of UTF-8."""

    label: str
    data: str


Buttons = tuple[tuple[Button, ...], ...]
"""Rows of buttons, top to bottom."""


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


@dataclass(frozen=True, slots=True)
class Part:
    """One message of a question: changing it changes the question."""

    message_id: int
    text: str
    quote: str = ""
    """What it refers to, or what it forwards."""
    gap: str = "\n\n"
    """What stands between it and the part before."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """The newest question of a conversation, whose answer may have failed, been stopped or been cut short."""

    turn_id: str
    """Tells this exchange from all others: the id of the newest reply to the question, as on its buttons."""
    prompt: str
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

    @property
    def said(self) -> tuple[Part, ...]:
        """The messages of the question, also if it is one; none: it was the press of a button."""
        if self.parts or self.question_id is None:
            return self.parts
        return (Part(self.question_id, self.question, self.quote),)


@dataclass(frozen=True, slots=True)
class Window:
    """How much of a dialogue a prompt wants to see."""

    max_tokens: int
    idle_reset_s: float | None = None
    """A silence longer than this begins the dialogue anew; None: never."""


class Role(StrEnum):
    """Who speaks a line of a request."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"


@dataclass(frozen=True, slots=True)
class Line:
    """One message of a request to a model."""

    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A model and how it should write."""

    name: str
    """A short name (`yandexgpt-lite`) or a full URI (`gpt://folder/yandexgpt-lite/latest@suffix`)."""
    temperature: float | None = None
    max_tokens: int | None = None
    """The most tokens of the answer; None: the service's default."""
    reasoning: bool = False


@dataclass(frozen=True, slots=True)
class Ask:
    """Everything a model gets for one answer."""

    model: ModelChoice
    question: str
    system: str = ""
    examples: tuple[Example, ...] = ()
    history: tuple[Turn, ...] = ()
    """Oldest first."""

    def lines(self) -> Iterator[Line]:
        """Yield the messages in the order a model reads them; an empty system prompt is left out."""
        if self.system:
            yield Line(Role.SYSTEM, self.system)
        pairs: tuple[Example | Turn, ...] = (*self.examples, *self.history)
        for pair in pairs:
            yield Line(Role.USER, pair.question)
            yield Line(Role.ASSISTANT, pair.answer)
        yield Line(Role.USER, self.question)


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


class Ending(StrEnum):
    """How a model came to its end by itself; whatever else ends an answer is an error."""

    COMPLETE = "complete"
    TRUNCATED = "truncated"
    """Cut by `max_tokens`."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What a model yields: the *whole* answer so far, which replaces all that came before.

    Services that send deltas are summed up by their adapter, because the native service sends cumulative text
    that it may revise.
    """

    text: str
    ending: Ending | None = None
    """Set on the last piece only."""
    usage: Usage | None = None
    """Set on the last piece; None if the service told nothing."""
    model_version: str = ""
    thought: str = ""
    """What a reasoning model has thought so far, if the service tells; never part of the answer."""


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
    FLOODED = "flooded"
    """Telegram asked for silence in a chat: its answer 429."""
    FRAME_GRANTED = "granted"
    FRAME_POSTPONED = "postponed"
    """A frame had to wait for its call; newer text overtakes it."""
