"""Everything the world consists of, in one place for whoever acts on it: people, and the methods of the bot."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.telegram.abilities import Abilities
from bot.sandbox.telegram.accounts import BotAccount
from bot.sandbox.telegram.drafts import Drafts
from bot.sandbox.telegram.events import Broadcast
from bot.sandbox.telegram.files import Files
from bot.sandbox.telegram.flood import FloodControl
from bot.sandbox.telegram.polling import Polling
from bot.sandbox.telegram.rich.rules import RichRules
from bot.sandbox.telegram.rooms import Rooms
from bot.sandbox.telegram.updates import UpdateQueue
from bot.sandbox.telegram.webhook import Webhook

_FIRST_ALBUM = 13_800_000_000_000_000


@dataclass(slots=True)
class Query:
    """A press on a button that waits for its answer."""

    chat_id: int
    asked_at: float
    answer: dict[str, Any] | None = None
    """What the bot said to it; None: nothing yet."""


@dataclass(slots=True)
class Profile:
    """What the bot has told about itself; by language, and commands by scope and language."""

    commands: dict[tuple[str, str], list[dict[str, str]]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    descriptions: dict[str, str] = field(default_factory=dict)
    short_descriptions: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class State:
    """The parts of the world."""

    bot: BotAccount
    clock: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]]
    flood: FloodControl
    rooms: Rooms
    updates: UpdateQueue
    polling: Polling
    webhook: Webhook
    drafts: Drafts
    files: Files
    events: Broadcast
    abilities: Abilities
    rich_rules: RichRules
    queries: dict[str, Query] = field(default_factory=dict)
    profile: Profile = field(default_factory=Profile)
    is_logged_out: bool = False
    albums: int = 0
    """How many have been sent."""

    @property
    def now(self) -> int:
        """Unix time as Telegram writes it: whole seconds."""
        return int(self.clock())

    def next_album_id(self) -> str:
        """Return what the messages of a new album have in common."""
        self.albums += 1
        return str(_FIRST_ALBUM + self.albums)
