"""What the page needs of the play behind it; the Telegram twin and the promptbook fit without knowing it."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from bot.errors import Problem
from bot.sandbox.telegram.accounts import Account, Chat
from bot.sandbox.telegram.events import Event
from bot.sandbox.telegram.params import Upload


class World(Protocol):
    """A Telegram in which people talk with the bot."""

    @property
    def commands(self) -> Mapping[tuple[str, str], Sequence[Mapping[str, Any]]]:
        """The bot's menus by scope and language; an empty language is for everyone else."""
        ...

    def add_person(self, person: Account) -> None:
        """Let somebody in."""
        ...

    def add_chat(self, chat: Chat) -> None:
        """Open a chat."""
        ...

    def say(
        self, chat_id: int, user_id: int, text: str, *, topic_id: int | None = None, reply_to: int | None = None
    ) -> dict[str, Any]:
        """Send a person's message; returns it in the shape of the Bot API."""
        ...

    def send_album(
        self,
        chat_id: int,
        user_id: int,
        photos: Sequence[bytes],
        *,
        caption: str = "",
        topic_id: int | None = None,
        reply_to: int | None = None,
    ) -> list[dict[str, Any]]:
        """Send one photo of a person or several together; returns the messages in the shape of the Bot API."""
        ...

    def send_document(
        self,
        chat_id: int,
        user_id: int,
        document: Upload,
        *,
        caption: str = "",
        topic_id: int | None = None,
        reply_to: int | None = None,
    ) -> dict[str, Any]:
        """Send a file of a person as it is; returns the message in the shape of the Bot API."""
        ...

    def edit(self, chat_id: int, message_id: int, text: str) -> dict[str, Any]:
        """Change a person's own message or its caption; returns it in the shape of the Bot API."""
        ...

    def press(self, chat_id: int, user_id: int, message_id: int, data: str) -> str:
        """Press a button under a message; returns the id of the callback query."""
        ...

    def stop_draft(self, chat_id: int, topic_id: int | None = None) -> None:
        """Press the stop button that belongs to a draft."""
        ...

    def messages(self, chat_id: int) -> list[dict[str, Any]]:
        """Return what the chat shows now, in the shape of the Bot API."""
        ...

    def drafts(self) -> Sequence[tuple[int, dict[str, Any]]]:
        """Return the drafts that are shown now: the chat, and the payload of the event that told of it."""
        ...

    def subscribe(self) -> AsyncIterator[Event]:
        """Watch everything that happens from now on."""
        ...


@dataclass(frozen=True, slots=True)
class Cover:
    """A prompt as it looks from outside: texts by language, `en` and `ru` always among them."""

    name: str
    title: Mapping[str, str]
    description: Mapping[str, str]
    starters: Mapping[str, Sequence[str]]


class PromptShelf(Protocol):
    """The prompts as they stand; the menu and the problems are asked for twice a second and must be cheap."""

    @property
    def folder(self) -> str:
        """Where the operator finds their files."""
        ...

    def menu(self) -> Sequence[Cover]:
        """Return the prompts in the order of the menu."""
        ...

    async def prompt_of(self, chat_id: int, topic_id: int | None) -> str:
        """Return the name of the prompt that answers there.

        Raises:
            StoreError: what people chose cannot be read now.
        """
        ...

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What the operator must mend; empty when all is well."""
        ...


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast the stand-in model writes, in tokens per second."""

    read: Callable[[], float]
    write: Callable[[float], None]
