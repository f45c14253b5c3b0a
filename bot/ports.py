"""The sockets of the house: whoever fits one of these Protocols can be plugged in.

A new model service implements `ModelBackend`, another database implements `HistoryStore`; `bot/app/` is where
the plug is put in. Retry, fallback and concurrency are wrappers *around* a port, never options of an adapter.
"""

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from bot.errors import GovorunError
from bot.types import Ask, Buttons, ConversationKey, DialogueKey, Person, Piece, Place, Turn, TurnTrace, Window


class ModelBackend(Protocol):
    """A model that writes."""

    def stream(self, ask: Ask) -> AsyncGenerator[Piece, None]:
        """Yield the growing answer: each piece holds the whole text so far, the last one an ending and usage.

        Closing the generator closes the connection, which stops the paid work: consume it under
        `contextlib.aclosing`.

        Raises:
            BackendError: before the first piece or between two; after it, what was yielded stays valid.
        """
        ...


class HistoryStore(Protocol):
    """What was said, one dialogue at a time. The cost of a turn does not grow with the dialogue.

    Every method raises `StoreError` if the store is away.
    """

    async def load(self, dialogue: DialogueKey, window: Window, *, now: float) -> tuple[Turn, ...]:
        """Return the newest turns that fit the window together, oldest first.

        A gap between two neighbours, or between the newest and `now`, of more than `idle_reset_s` ends the
        window there.
        """
        ...

    async def append(self, dialogue: DialogueKey, turn: Turn, *, turn_id: str) -> None:
        """Add a turn, all or nothing; the same `turn_id` again changes nothing."""
        ...

    async def undo(self, dialogue: DialogueKey) -> Turn | None:
        """Take the newest turn back and return it; None if there is none."""
        ...

    async def forget(self, dialogue: DialogueKey) -> None:
        """Delete the dialogue."""
        ...


class PromptChoices(Protocol):
    """Which prompt answers where; every method raises `StoreError` if the store is away."""

    async def prompt_of(self, conversation: ConversationKey) -> str | None:
        """Return the name that was chosen; None: none was."""
        ...

    async def choose_prompt(self, conversation: ConversationKey, name: str) -> None:
        """Use this prompt from now on."""
        ...


class LiveReply(Protocol):
    """An answer that grows in a chat. Law 1: what is shown in the end is whole, in order, once."""

    @property
    def message_ids(self) -> tuple[int, ...]:
        """The messages sent so far, in order."""
        ...

    @property
    def earlier_answer(self) -> str | None:
        """The model's text that an earlier attempt of this reply has delivered; empty if it failed.

        None: no attempt has come to its end.
        """
        ...

    def show(self, text: str) -> None:
        """Offer the whole Markdown text so far as the next frame; never waits, and frames may be skipped."""
        ...

    async def finish(self, text: str, *, is_truncated: bool = False) -> None:
        """Deliver the whole text and stop; nothing is sent for this reply afterwards.

        A truncated answer, cut by `max_tokens`, is marked as such below its text.

        Raises:
            DeliveryError: Telegram will not take it.
        """
        ...

    async def fail(self, error: GovorunError) -> None:
        """Keep what was shown, mark it as cut short, and say in one sentence why; then as `finish`."""
        ...

    async def stop(self) -> None:
        """Keep what was shown and mark it as stopped by the person; then as `finish`."""
        ...


class Replies(Protocol):
    """Where live replies come from."""

    def open(self, place: Place, person: Person, *, reply_id: str) -> AbstractAsyncContextManager[LiveReply]:
        """Begin a reply, or take up the interrupted one with the same `reply_id`, in the same messages.

        Shows typing until the first frame. Leaving the context without `finish`, `fail` or `stop` sends
        nothing more and keeps the journal, so that another attempt can take it up.
        """
        ...


class Notices(Protocol):
    """What the bot says besides answers: plain text of its own, perhaps with buttons below it.

    Every method raises `DeliveryError` if Telegram will not take it.
    """

    async def say(self, place: Place, text: str, buttons: Buttons = ()) -> None:
        """Send a message."""
        ...

    async def rewrite(self, place: Place, message_id: int, text: str, buttons: Buttons = ()) -> None:
        """Replace one of the bot's own messages; without buttons its buttons go."""
        ...

    async def answer(self, callback_id: str, text: str = "", *, is_alert: bool = False) -> None:
        """Answer the press of a button: it stops turning, and the text, if any, is shown in passing.

        A press that is too old to be answered is let be.
        """
        ...


class Witness(Protocol):
    """Whoever wants to know how turns went."""

    def turn_ended(self, trace: TurnTrace) -> None:
        """Take note; must neither wait nor raise."""
        ...
