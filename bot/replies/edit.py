"""Answers that grow by editing: post the first text, edit it as more comes, post the next when it is full.

The chat is reconciled with the text again and again: what the messages should show is compared with what they
show, and the first difference is put right by one call. Frames do so with whatever text is newest, one call in
flight, when the governor can spare it; the end does so until nothing differs. The model is never slowed down.
"""

import asyncio
import unicodedata
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Self

import structlog
from aiogram import Bot

from bot.errors import DeliveryError, GovorunError
from bot.replies.entities import Rendered
from bot.replies.governor import Governor
from bot.replies.journal import Journal
from bot.replies.markup import Renderer
from bot.replies.messages import Messages
from bot.replies.outbox import Outbox, Timer
from bot.replies.pace import Importance
from bot.replies.refusals import Postponed, TooLong
from bot.replies.split import MESSAGE_UNITS, split
from bot.replies.voice import Speaker, Voice
from bot.replies.wire import Frame
from bot.tasks import put_down
from bot.types import Button, Buttons, Person, Place

log = structlog.get_logger(__name__)

STOP = "stop"
"""What the press of the Stop button sends begins with this; the id of the person who asked follows."""
_FEWEST_UNITS = 64
"""A message shorter than this is not too long; Telegram must mean something else."""
_LEAST_WAIT_S = 0.2
"""Between two questions to the governor about one frame."""
_INVISIBLE = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf"})


class EditReplies:
    """Opens live replies that grow by editing, in every kind of chat."""

    def __init__(
        self, bot: Bot, governor: Governor, journal: Journal, voice: Voice, timer: Timer | None = None
    ) -> None:
        self._bot = bot
        self._governor = governor
        self._journal = journal
        self._voice = voice
        self._timer = timer or Timer()

    @asynccontextmanager
    async def open(self, place: Place, person: Person, *, reply_id: str) -> AsyncIterator["EditReply"]:
        """Begin a reply, or take up the interrupted one; see `bot.ports.Replies`."""
        speaker = self._voice.speaking(person.language)
        button = Button(speaker.words.stop_button, f"{STOP}:{person.user_id}")
        outbox = Outbox(self._bot, self._governor, place, self._timer)
        entry = await self._journal.open(place.conversation.bot_id, reply_id)
        async with EditReply(Messages(outbox, entry), outbox, speaker, ((button,),), self._timer) as reply:
            yield reply


class EditReply:
    """One answer that grows; see `bot.ports.LiveReply`.

    As a context manager it shows typing and frames until it is left or ended. Each ending may be tried again if
    it raised; after one that did not, nothing is sent, whatever is called.
    """

    def __init__(
        self, messages: Messages, outbox: Outbox, speaker: Speaker, buttons: Buttons, timer: Timer
    ) -> None:
        self._messages = messages
        self._outbox = outbox
        self._pace = outbox.pace
        self._speaker = speaker
        self._buttons = buttons
        self._timer = timer
        self._renderer = Renderer()
        self._most_units = MESSAGE_UNITS
        self._text = ""
        self._news = asyncio.Event()
        self._is_ended = False
        self._flight: asyncio.Task[None] | None = None
        self._pump: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._pump = asyncio.create_task(self._show_frames())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._land()

    @property
    def message_ids(self) -> tuple[int, ...]:
        """The messages sent so far, in order."""
        return self._messages.ids

    @property
    def earlier_answer(self) -> str | None:
        """The model's text that an earlier attempt of this reply has delivered; None: none has."""
        return self._messages.earlier_answer

    def show(self, text: str) -> None:
        """Offer the whole text so far; the newest is what the next frame shows."""
        self._text = text
        if text and not text.isspace():
            self._news.set()

    async def finish(self, text: str, *, is_truncated: bool = False) -> None:
        """Deliver the whole text, insisting; one with nothing to see as the words for that."""
        await self._end(text, self._speaker.words.truncated_mark if is_truncated else "")

    async def fail(self, error: GovorunError) -> None:
        """Leave what the model had said, with the sentence about the error below it."""
        await self._end(self._text, self._speaker.sentence(error), is_answer=False)

    async def stop(self) -> None:
        """Leave what the model had said, marked as stopped."""
        await self._end(self._text, self._speaker.words.stopped_mark)

    async def _end(self, text: str, mark: str = "", *, is_answer: bool = True) -> None:
        if self._is_ended:
            return
        await self._land()
        content = self._renderer.render(text, is_final=not mark)
        if not is_visible(content.text):
            content = Rendered("" if mark else self._speaker.words.empty_answer)
        await self._deliver(content.joined("\n\n", Rendered(mark)), text if is_answer else "")
        self._is_ended = True

    async def _deliver(self, content: Rendered, answer: str) -> None:
        """Make the messages show the content exactly."""
        while True:
            try:
                await self._messages.become(self._frames(content), answer)
            except TooLong:
                self._shrink()
            else:
                return

    def _shrink(self) -> None:
        if self._most_units <= _FEWEST_UNITS:
            raise DeliveryError(f"Telegram finds {self._most_units} characters too long")
        self._most_units //= 2

    async def _land(self) -> None:
        """End the frames; wait for the call in flight, because an older edit must not land last."""
        await put_down(self._pump, again_after_s=0.2)
        if self._flight is not None:
            await asyncio.wait({self._flight})
        for task in (self._pump, self._flight):
            if task is not None:
                _take_note(task)
        self._pump = self._flight = None

    async def _show_frames(self) -> None:
        """Show typing until there is a text, then frames until cancelled."""
        while not self._news.is_set():
            await self._fly(self._outbox.typing())
            await self._news_within(self._pace.typing_interval_s)
        await self._timer.sleep(self._pace.first_frame_delay_s)
        while True:
            await self._news.wait()
            while (wait_s := await self._outbox.admission(Importance.FRAME)) > 0:
                await self._timer.sleep(max(wait_s, _LEAST_WAIT_S))
            began_at = self._timer.clock()
            self._news.clear()
            await self._fly(self._show_newest())
            await self._timer.sleep(max(0.0, began_at + self._pace.frame_interval_s - self._timer.clock()))

    async def _news_within(self, seconds: float) -> None:
        """Wait for a text, but no longer than that."""
        waiting = {asyncio.create_task(self._news.wait()), asyncio.ensure_future(self._timer.sleep(seconds))}
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()

    async def _fly(self, call: Coroutine[Any, Any, None]) -> None:
        """Run a call that outlives the frames, so that the end can wait for it."""
        self._flight = asyncio.create_task(call)
        await asyncio.shield(self._flight)

    async def _show_newest(self) -> None:
        """Put the first difference between the chat and the newest text right."""
        content = self._renderer.render(self._text, is_final=False)
        frames = self._frames(content, self._buttons) if is_visible(content.text) else []
        index = self._messages.difference(frames)
        if index is None:
            return
        try:
            await self._messages.put(index, frames[index], Importance.FRAME)
        except Postponed as error:
            log.debug("frame_postponed", error=str(error))
        except TooLong:
            self._shrink()
        if self._messages.difference(frames) is not None:
            self._news.set()

    def _frames(self, content: Rendered, buttons: Buttons = ()) -> list[Frame]:
        """Cut the content into messages; the buttons stand under the last one."""
        parts = split(content, self._most_units)
        return [Frame(part, buttons if number == len(parts) else ()) for number, part in enumerate(parts, 1)]


def is_visible(text: str) -> bool:
    """Whether there is anything to see; Telegram refuses a message without."""
    return any(unicodedata.category(char) not in _INVISIBLE for char in text)


def _take_note(task: asyncio.Task[None]) -> None:
    """Log why frames ended before their time: they are cosmetic, and the end will say what is wrong."""
    if task.cancelled():
        return
    error = task.exception()
    if isinstance(error, DeliveryError):
        log.info("frames_ended", error=repr(error))
    elif error is not None:
        log.error("frames_broken", exc_info=error)
