"""The place where a picture appears: a line about the time while it is drawn, then the picture in its stead.

The line is cosmetic, the picture is not; both are in the journal, so that after a crash the same line goes on
and the picture is not sent twice.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Self

import structlog
from aiogram import Bot
from aiogram.enums import ChatAction

from bot.errors import DeliveryError
from bot.presses import Act, Press, tag_of
from bot.replies.calls import Timer
from bot.replies.entities import BLANKS, Rendered
from bot.replies.governor import Governor
from bot.replies.journal import Journal
from bot.replies.messages import Messages
from bot.replies.outbox import Outbox, Sent
from bot.replies.pace import Importance
from bot.replies.pictures import file_name
from bot.replies.wire import Frame
from bot.tasks import put_down
from bot.types import Button, Buttons, File, Person, Picture, Place

log = structlog.get_logger(__name__)

_EVERY_S = 4.0
"""Telegram shows a chat action for 5 seconds."""
_LINE_AFTER_S = 1.0
"""What is drawn at once needs no line."""
_LINE_EVERY_S = 8.0

Words = Callable[[str], tuple[str, str]]
"""The line, with {seconds} in it, and the label of Stop, by language."""


class TelegramGallery:
    """The port `Gallery`, in Telegram."""

    def __init__(
        self, bot: Bot, governor: Governor, journal: Journal, words: Words, timer: Timer | None = None
    ) -> None:
        self._bot = bot
        self._governor = governor
        self._journal = journal
        self._words = words
        self._timer = timer or Timer()

    @asynccontextmanager
    async def open(self, place: Place, person: Person, *, canvas_id: str) -> AsyncIterator["TelegramCanvas"]:
        """Begin a canvas, or take up the interrupted one; see `bot.ports.Gallery`."""
        entry = await self._journal.open(canvas_id)
        outbox = self._outbox(place)
        await outbox.note(*entry.notes.message_ids)
        messages = Messages(outbox, entry, below=place.below)
        line, label = self._words(person.language)
        stop = ((Button(label, Press(Act.STOP, person.user_id, tag_of(canvas_id)).data),),)
        is_done = entry.notes.answer is not None
        async with TelegramCanvas(outbox, messages, line, stop, is_done=is_done) as canvas:
            yield canvas

    async def send_file(self, place: Place, picture: Picture, *, file_id: str) -> None:
        """Send a picture as a file, once; see `bot.ports.Gallery`."""
        outbox = self._outbox(place)
        messages = Messages(outbox, await self._journal.open(file_id), below=place.below)
        await messages.hand_over(partial(outbox.document, File(file_name(picture), picture.data)))

    def _outbox(self, place: Place) -> Outbox:
        return Outbox(self._bot, self._governor, self._journal.ledger, place, self._timer)


class TelegramCanvas:
    """The port `Canvas`; as a context manager it tells that a picture is coming."""

    def __init__(self, outbox: Outbox, messages: Messages, line: str, stop: Buttons, *, is_done: bool) -> None:
        self._outbox = outbox
        self._messages = messages
        self._line = line
        self._stop = stop
        self._timer = outbox.timer
        self._telling: asyncio.Task[None] | None = None
        self._flight: asyncio.Task[None] | None = None
        self.is_done = is_done

    async def __aenter__(self) -> Self:
        if not self.is_done:
            self._telling = asyncio.create_task(self._tell_of_time())
        return self

    async def __aexit__(self, _kind: object, error: BaseException | None, _where: object) -> None:
        await self._be_quiet()
        if error is None:
            await self._messages.settle()

    async def hang(self, picture: Picture, caption: str, buttons: Buttons) -> str:
        """Show the picture in place of the line, once."""
        await self._be_quiet()
        file_id = ""

        async def send() -> Sent:
            nonlocal file_id
            shown = await self._outbox.photo(picture, caption, buttons)
            file_id = shown.file_id
            return shown.sent

        await self._messages.hand_over(send)
        await self._messages.become([])
        await self._end()
        return file_id

    async def tell(self, text: str) -> None:
        """Say why there is none, in place of the line."""
        await self._be_quiet()
        await self._messages.become([Frame(Rendered(text.strip(BLANKS)))])
        await self._end()

    async def _end(self) -> None:
        await self._messages.note_end("")
        self.is_done = True

    async def _be_quiet(self) -> None:
        """End the line; wait for its call in flight, because an older edit must not land last."""
        await put_down(self._telling, again_after_s=0.2)
        if self._flight is not None:
            await asyncio.wait({self._flight})
        self._telling = self._flight = None

    async def _tell_of_time(self) -> None:
        began_at = line_due = self._timer.clock()
        line_due += _LINE_AFTER_S
        while True:
            await self._outbox.typing(ChatAction.UPLOAD_PHOTO)
            now = self._timer.clock()
            if now >= line_due:
                await self._show_line(now - began_at)
                line_due = now + _LINE_EVERY_S
            await self._timer.sleep(max(0.1, min(_EVERY_S, line_due - self._timer.clock())))

    async def _show_line(self, seconds: float) -> None:
        """Show the line if a call can be spared; that outlives the line, so that the end can wait for it."""
        if await self._outbox.admission(Importance.FRAME) > 0:
            return
        frame = Frame(Rendered(self._line.format(seconds=round(seconds))), self._stop, is_live=True)
        self._flight = asyncio.create_task(self._put(frame))
        await asyncio.shield(self._flight)

    async def _put(self, frame: Frame) -> None:
        """Show a frame; without it the picture is as good."""
        with suppress(DeliveryError):
            await self._messages.put(0, frame, Importance.FRAME)
