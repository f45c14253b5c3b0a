"""The sockets of the house: whoever fits one of these Protocols can be plugged in.

A new model service implements `ModelBackend`, another database implements `HistoryStore`; `bot/app/` is where
the plug is put in. Retry, fallback and concurrency are wrappers *around* a port, never options of an adapter.
"""

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from bot.errors import GovorunError
from bot.types import (
    Ask,
    Buttons,
    ConversationKey,
    DialogueKey,
    Drawing,
    Exchange,
    Expense,
    File,
    Happening,
    ImageOrder,
    Manner,
    Person,
    Picture,
    Piece,
    Place,
    Scheme,
    Turn,
    TurnTrace,
    Verdict,
    Window,
)


class ModelBackend(Protocol):
    """A model that writes."""

    def stream(self, ask: Ask) -> AsyncGenerator[Piece, None]:
        """Yield the growing answer: each piece holds the whole text so far, the last one an ending.

        Closing the generator closes the connection, which stops the paid work: consume it under
        `contextlib.aclosing`.

        Raises:
            BackendError: before the first piece or between two; after it, what was yielded stays valid.
        """
        ...


class LaterModel(Protocol):
    """A model that answers later and cheaper. Every method raises `BackendError`."""

    async def order(self, ask: Ask) -> str:
        """Ask, and return the id of the operation. What it costs is owed from now on: ask once.

        After an error only one that `was_unheard` may be asked again.
        """
        ...

    async def outcome(self, operation_id: str) -> Piece | None:
        """Return the whole answer with its ending and usage; None: it is not ready.

        Raises:
            OperationLost: nobody will ever know the answer.
            BackendError: there will be none; or, if `is_transient`, nobody can tell now: look again.
        """
        ...

    async def cancel(self, operation_id: str) -> None:
        """Ask the service to give the operation up; whether it does, it does not say."""
        ...


class ImageBackend(Protocol):
    """A model that draws. Every method raises `BackendError`; a refusal of its ethics is `ContentFiltered`."""

    async def order(self, order: ImageOrder) -> Picture | str:
        """Order a picture: return it, or the id of the operation that draws it. Order once: each one costs."""
        ...

    async def outcome(self, operation_id: str) -> Picture | None:
        """Return the picture of an operation; None: it is not ready.

        Raises:
            OperationLost: nobody will ever see the picture.
        """
        ...

    async def cancel(self, operation_id: str) -> None:
        """Ask the service to give the operation up; whether it does, it does not say."""
        ...


class Drawings(Protocol):
    """What is known of pictures; every method raises `StoreError` if the store is away."""

    async def find(self, drawing_id: str) -> Drawing | None:
        """Return it; None: nobody has begun it, or it is forgotten."""
        ...

    async def keep(self, drawing: Drawing, picture: Picture | None = None) -> None:
        """Remember it; with a picture, that too for a while, because nobody else has it."""
        ...

    async def picture(self, drawing_id: str) -> Picture | None:
        """Return the picture that was kept."""
        ...


class Canvas(Protocol):
    """Where a picture appears: first that it is being drawn, then the picture, or why there is none."""

    @property
    def is_done(self) -> bool:
        """Whether an earlier attempt has brought it to an end."""
        ...

    async def hang(self, picture: Picture, caption: str, buttons: Buttons) -> str:
        """Show the picture, once, and return the id under which Telegram keeps it; raises `DeliveryError`."""
        ...

    async def tell(self, text: str) -> None:
        """Say why there is none, in the same place; raises `DeliveryError`."""
        ...


class Gallery(Protocol):
    """Where canvases come from."""

    def open(self, place: Place, person: Person, *, canvas_id: str) -> AbstractAsyncContextManager[Canvas]:
        """Tell that a picture is being drawn, and for how long, until the context is left or it is done.

        The same `canvas_id` takes up an interrupted one, in the same messages.
        """
        ...

    async def send_file(self, place: Place, picture: Picture, *, file_id: str) -> None:
        """Send a picture as a file, which keeps it as it is, once for each id; raises `DeliveryError`."""
        ...


class Classifier(Protocol):
    """A model that tells texts apart."""

    async def classify(self, text: str, scheme: Scheme, *, asker_id: int = 0) -> Verdict:
        """Return one confidence for each label; waits for its turn where the service wants a pace.

        `asker_id` is who is served fairly among others who wait; 0: nobody in particular.

        Raises:
            BackendError: there is no verdict.
        """
        ...


class Verdicts(Protocol):
    """What piles of texts have brought so far, so that whoever takes one up again pays for nothing twice.

    Every method raises `StoreError` if the store is away.
    """

    async def begin(self, pile_id: str, classifier: str) -> tuple[str, dict[str, Verdict]]:
        """Begin a pile, or take it up: return its classifier, and the verdicts so far by the names of texts.

        The classifier is the one with which the pile was begun first.
        """
        ...

    async def keep(self, pile_id: str, name: str, verdict: Verdict) -> None:
        """Keep the verdict on a text."""
        ...

    async def conclude(self, pile_id: str) -> None:
        """Let the pile be forgotten soon, because it was delivered."""
        ...


class ClassifierChoices(Protocol):
    """Which classifier people chose where; every method raises `StoreError` if the store is away."""

    async def classifier_of(self, conversation: ConversationKey) -> str | None:
        """Return the name that was chosen; None: none was."""
        ...

    async def choose_classifier(self, conversation: ConversationKey, name: str) -> None:
        """Use this classifier from now on."""
        ...


class Photos(Protocol):
    """The pictures that people sent."""

    async def fetch(self, photo_id: str) -> Picture | None:
        """Return a picture as a model reads it, scaled down if need be; None: it cannot be had any more."""
        ...


class Accounts(Protocol):
    """What the operator has paid for, by person, prompt, model and day."""

    async def book(self, expense: Expense, *, expense_id: str) -> None:
        """Write an expense down; the same id again changes nothing.

        Raises:
            StoreError: the store is away.
        """
        ...


class Unbooked:
    """The accounts of whoever keeps none."""

    async def book(self, expense: Expense, *, expense_id: str) -> None:
        """Write nothing down."""


class HistoryStore(Protocol):
    """What was said, one dialogue at a time. The cost of a turn does not grow with the dialogue.

    Every method raises `StoreError` if the store is away.
    """

    async def load(
        self, dialogue: DialogueKey, window: Window, *, now: float, without: str = ""
    ) -> tuple[Turn, ...]:
        """Return the newest turns that fit the window together, oldest first.

        A gap between two neighbours, or between the newest and `now`, of more than `idle_reset_s` ends the
        window there. The turn whose `turn_id` is `without` counts as if it had never been.
        """
        ...

    async def append(self, dialogue: DialogueKey, turn: Turn, *, turn_id: str, instead_of: str = "") -> None:
        """Add a turn, all or nothing; the same `turn_id` again changes nothing.

        If the newest turn is the one whose `turn_id` is `instead_of`, it is replaced in the same step.
        """
        ...

    async def undo(self, dialogue: DialogueKey) -> Turn | None:
        """Take the newest turn back and return it; None if there is none."""
        ...

    async def forget(self, dialogue: DialogueKey) -> None:
        """Delete the dialogue."""
        ...


class Exchanges(Protocol):
    """The newest question of each conversation and what became of it, so that it can be answered again.

    Every method raises `StoreError` if the store is away.
    """

    async def newest(self, conversation: ConversationKey) -> Exchange | None:
        """Return it; None if nothing was asked for long, or the dialogue was forgotten."""
        ...

    async def keep(self, conversation: ConversationKey, exchange: Exchange) -> None:
        """Remember it in place of the one before."""
        ...

    async def drop(self, conversation: ConversationKey) -> None:
        """Forget it."""
        ...


class StyleChoices(Protocol):
    """In which style pictures are drawn where; every method raises `StoreError` if the store is away."""

    async def style_of(self, conversation: ConversationKey) -> str | None:
        """Return the name that was chosen; None: none was."""
        ...

    async def choose_style(self, conversation: ConversationKey, name: str) -> None:
        """Use this style from now on; an empty name: none."""
        ...


class PromptChoices(Protocol):
    """Which prompt and which model answer where; every method raises `StoreError` if the store is away."""

    async def prompt_of(self, conversation: ConversationKey) -> str | None:
        """Return the name that was chosen; None: none was."""
        ...

    async def choose_prompt(self, conversation: ConversationKey, name: str) -> None:
        """Use this prompt from now on."""
        ...

    async def model_of(self, dialogue: DialogueKey) -> str | None:
        """Return the name of the model that was chosen; None: none was. It may be allowed no more."""
        ...

    async def choose_model(self, dialogue: DialogueKey, name: str) -> None:
        """Use this model under this prompt from now on."""
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

    @property
    def undelivered(self) -> Piece | None:
        """What an earlier attempt was delivering when it broke off: the model need not be asked again.

        None: it did not come so far. A piece without an ending was stopped by the person.
        """
        ...

    def think(self, thought: str = "") -> None:
        """Show that the model is thinking, for how long, and what, until the first text; never waits."""
        ...

    def stand_in_line(self, place: int) -> None:
        """Show that others are answered first, until the model thinks or writes; never waits."""
        ...

    def show(self, text: str) -> None:
        """Offer the whole Markdown text so far as the next frame; never waits, and frames may be skipped."""
        ...

    async def finish(self, text: str, *, is_truncated: bool = False, file: File | None = None) -> None:
        """Deliver the whole text and stop; nothing is sent for this reply afterwards.

        A truncated answer, cut by `max_tokens`, is marked as such below its text, and can be continued. A file
        belongs to the answer and comes below it, once.

        Raises:
            DeliveryError: Telegram will not take it.
        """
        ...

    async def fail(self, error: GovorunError, *, kept: Piece | None = None, offers: Buttons = ()) -> None:
        """Keep what was shown (or `kept` instead), and say in one sentence below why; then as `finish`.

        What is kept can be continued if it was truncated. Offers are ways out, shown above the other buttons.
        """
        ...

    async def stop(self) -> None:
        """Keep what was shown and mark it as stopped by the person; then as `finish`."""
        ...


class Replies(Protocol):
    """Where live replies come from."""

    def open(
        self,
        place: Place,
        person: Person,
        *,
        reply_id: str,
        manner: Manner = Manner(),  # noqa: B008 - a frozen value
    ) -> AbstractAsyncContextManager[LiveReply]:
        """Begin a reply, or take up the interrupted one with the same `reply_id`, in the same messages.

        Shows typing until the first frame. Buttons stand below: Stop while it grows, then Again and, if it is
        truncated, Continue; see `bot.presses` for what they send. Leaving the context without `finish`, `fail`
        or `stop` sends nothing more and keeps the journal, so that another attempt can take it up.

        Raises:
            DeliveryTimeout: Telegram wants silence there for longer than anybody waits.
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


class Meter(Protocol):
    """Whoever counts what happens on the way of updates and frames."""

    def count(self, happening: Happening, times: int = 1) -> None:
        """Count; must neither wait nor raise."""
        ...


class Uncounted:
    """The meter of whoever is not asked for figures."""

    def count(self, happening: Happening, times: int = 1) -> None:
        """Count nothing."""
