"""Where people talk, who speaks, and how they are answered there."""

from dataclasses import dataclass
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
    replaces: tuple[int, ...] = ()
    """The same, if it comes in messages of its own: they are deleted when these are there."""
    is_bare: bool = False
    """Without buttons: it is a word of the bot's own, delivered as carefully as an answer."""


@dataclass(frozen=True, slots=True)
class File:
    """A file with a line below it."""

    name: str
    content: bytes
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Button:
    """A button below a message; `data` comes back when it is pressed: 1 to 64 bytes of UTF-8."""

    label: str
    data: str


Buttons = tuple[tuple[Button, ...], ...]
"""Rows of buttons, top to bottom."""
