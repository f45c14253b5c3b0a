"""How the bot behaves: who is answered, by which prompts, how fast, and what is remembered and logged."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt

from bot.settings.concern import Concern, TimeZone, Upper, UserIds
from bot.types import Transport, WhileBusy


class Role(StrEnum):
    """What one process of the bot does; several on one Redis may share the work."""

    ALL = "all"
    INGRESS = "ingress"
    """Takes updates in and answers none."""
    WORKER = "worker"
    """Answers what others take in."""


class Http(Concern):
    """Where the bot listens for the webhook and health checks."""

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)


class Policy(StrEnum):
    """Who is answered."""

    LIST = "list"
    OPEN = "open"


class Access(Concern):
    """The door."""

    policy: Policy = Policy.LIST
    owners: UserIds = frozenset()


class Prompts(Concern):
    """Where prompts are, which one people meet first, and what time it is for them."""

    dir: Path = Path("prompts")
    default: str = "assistant"
    timezone: TimeZone = "Europe/Moscow"


class History(Concern):
    """How long dialogues are kept."""

    retention_days: PositiveInt = 90
    max_turns: PositiveInt = 500
    """The newest turns kept of each dialogue, however long it goes on."""


class Replies(Concern):
    """How answers grow, and how fast. Source: Telegram's FAQ, 1 a second in a chat, 20 a minute in a group."""

    transport: Transport = Transport.EDIT
    """`edit` or `draft`, for prompts that name none; drafts are for private chats, others get edits."""
    file_after_parts: NonNegativeInt = 5
    """An answer of more messages than this also comes as a Markdown file; 0: never."""
    frame_interval_s: PositiveFloat = 1.0
    private_calls_per_second: PositiveFloat = 0.95
    private_burst: PositiveInt = 4
    group_calls_per_minute: PositiveFloat = 16
    group_burst: PositiveInt = 4
    patience_s: PositiveFloat = 600
    """How long the end of an answer insists while Telegram is away or asks for silence."""


class Photos(Concern):
    """How pictures that people send reach a model."""

    longest_px: int = Field(default=1536, ge=64)
    """Of the longer side; a larger picture is scaled down."""
    most_mb: PositiveFloat = 2
    """A file of more than this is written anew, as a JPEG."""
    timeout_s: PositiveFloat = 20
    """For each of them, to come from Telegram."""
    cache_mb: NonNegativeFloat = 64
    """For pictures that were shown a moment ago, in the memory of each process."""


class Conversations(Concern):
    """What becomes of messages that come faster than answers."""

    while_busy: WhileBusy = WhileBusy.MERGE
    """`merge`, `queue` or `replace`, for prompts that name none."""
    most_waiting: PositiveInt = 100
    """In one conversation, what is being handled included."""
    most_waiting_per_person: PositiveInt = 30
    """In all conversations together."""
    cut_wait_s: NonNegativeFloat = 1.5
    """How long a long text that was visibly cut, or an album, waits for its next part."""
    most_orders_per_person: PositiveInt = 30
    """Answers of `mode: async` that are on their way, in all conversations together."""


class Workers(Concern):
    """How the inbox is worked off."""

    concurrency: PositiveInt = 1000
    """Conversations answered at once by one process."""
    lease_s: PositiveFloat = 8
    """A claim not renewed for this long is taken over; one of a process that is gone, in half the time."""
    attempts: PositiveInt = 5
    """Before an update goes to the dead letters."""
    stop_timeout_s: NonNegativeFloat = 20
    """How long running replies may go on after SIGTERM."""


class Log(Concern):
    """What is logged, and how."""

    level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], Upper] = "INFO"
    format: str = Field(default="auto", pattern="^(auto|console|json)$")
    """`auto`: coloured lines on a terminal, JSON elsewhere."""
