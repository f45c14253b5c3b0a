"""Sockets for what people see: answers that grow, pictures, notices."""

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from bot.errors import GovorunError
from bot.types import Buttons, File, Manner, Person, Picture, Piece, Place


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
            StoreError: nobody can tell whether there was an earlier attempt.
        """
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

        Raises:
            StoreError: nobody can tell whether there is one.
        """
        ...

    async def send_file(self, place: Place, picture: Picture, *, file_id: str) -> None:
        """Send a picture as a file, which keeps it as it is, once for each id.

        Raises `DeliveryError`, or `StoreError` if nobody can tell whether it was sent.
        """
        ...


class Notices(Protocol):
    """What the bot says besides answers: plain text of its own, perhaps with buttons below it.

    Every method raises `DeliveryError` if Telegram will not take it.
    """

    async def say(self, place: Place, text: str, buttons: Buttons = ()) -> None:
        """Send a message."""
        ...

    async def remark(self, place: Place, text: str) -> None:
        """Send a message at the end of what cannot be done again; if Telegram is slow or away, let it be."""
        ...

    async def rewrite(self, place: Place, message_id: int, text: str, buttons: Buttons = ()) -> None:
        """Replace one of the bot's own messages; without buttons its buttons go."""
        ...

    async def answer(self, callback_id: str, text: str = "", *, is_alert: bool = False) -> None:
        """Answer the press of a button: it stops turning, and the text, if any, is shown in passing.

        A press that is too old to be answered is let be.
        """
        ...
