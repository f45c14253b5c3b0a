"""Answers that grow in a chat: frames while the model writes, then the whole text, whatever Telegram answers.

The chat is reconciled with the text again and again: what the messages should show is compared with what they
show, and the first difference is put right by one call. Frames do so with whatever text is newest, one call in
flight, when the governor can spare it; the end does so until nothing differs. The model is never slowed down.
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Self

import structlog
from aiogram import Bot

from bot.errors import ChatGone, DeliveryError, DeliveryTimeout, GovorunError
from bot.presses import tag_of
from bot.replies.calls import Timer
from bot.replies.draft import DraftTransport
from bot.replies.edit import EditTransport
from bot.replies.entities import Rendered
from bot.replies.governor import Governor
from bot.replies.journal import Journal
from bot.replies.keyboard import Keyboard
from bot.replies.messages import FIRST_ID, Messages
from bot.replies.outbox import Outbox
from bot.replies.screen import Screen
from bot.replies.status import Prelude
from bot.replies.voice import Speaker, Voice
from bot.replies.ways import Policy, Ways
from bot.tasks import put_down
from bot.types import Buttons, Ending, File, Manner, Person, Piece, Place

log = structlog.get_logger(__name__)

_FILE_NAME = "answer.md"
_LEAST_WAIT_S = 0.2
"""Between two questions to the governor about one frame."""
_STATUS_INTERVAL_S = 5.0


class LiveReplies:
    """The port `Replies`, in Telegram."""

    def __init__(
        self,
        bot: Bot,
        governor: Governor,
        journal: Journal,
        voice: Voice,
        *,
        policy: Policy = Policy(),  # noqa: B008 - a frozen value
        timer: Timer = Timer(),  # noqa: B008 - the same
    ) -> None:
        self._bot = bot
        self._governor = governor
        self._journal = journal
        self._voice = voice
        self._policy = policy
        self._timer = timer

    @asynccontextmanager
    async def open(
        self,
        place: Place,
        person: Person,
        *,
        reply_id: str,
        manner: Manner = Manner(),  # noqa: B008 - a frozen value
    ) -> AsyncIterator["LiveReply"]:
        """Begin a reply, or take up the interrupted one; see `bot.ports.Replies`."""
        entry = await self._journal.open(reply_id)
        place = _place_now(place, entry.notes.chat_id)
        chat_id = place.conversation.chat_id
        speaker, tag = self._voice.speaking(person.language), tag_of(reply_id)
        keyboard = Keyboard(speaker.words, person.user_id, tag, manner.is_bare)
        outbox = Outbox(self._bot, self._governor, self._journal.ledger, place, self._timer)
        await outbox.note(*entry.notes.message_ids)
        messages = Messages(
            outbox, entry, below=place.below, in_place=manner.in_place, replaces=manner.replaces
        )
        wanted = self._policy.extras(place, manner)
        refused = await self._journal.refusals(chat_id, wanted)
        edits = EditTransport(messages, outbox, keyboard.while_growing)
        drafts = DraftTransport(messages, outbox, tag, edits)
        ways = Ways(self._journal, chat_id, refused, edits, drafts)
        screen = Screen(messages, outbox, ways, self._timer)
        self._require_an_ear(chat_id, messages)
        async with LiveReply(screen, speaker, keyboard, self._policy.file_after_parts) as reply:
            yield reply

    def _require_an_ear(self, chat_id: int, messages: Messages) -> None:
        """Let nobody pay for an answer that cannot be delivered for long."""
        silence_s = self._governor.silence_s(chat_id)
        if silence_s > self._governor.pace.patience_s and messages.undelivered is None:
            raise DeliveryTimeout(f"Telegram wants silence in chat {chat_id}", silence_s)


class LiveReply:
    """One answer that grows; see `bot.ports.LiveReply`.

    As a context manager it shows typing and frames until it is left or ended. Each ending may be tried again if
    it raised; after one that did not, nothing is sent, whatever is called.
    """

    def __init__(self, screen: Screen, speaker: Speaker, keyboard: Keyboard, file_after_parts: int) -> None:
        self._screen = screen
        self._timer = screen.timer
        self._speaker = speaker
        self._keyboard = keyboard
        self._file_after_parts = file_after_parts
        self._text = said.text if (said := screen.messages.undelivered) else ""
        self._prelude = Prelude(speaker.words, screen.timer.clock)
        self._news = asyncio.Event()
        self._is_ended = False
        self._flight: asyncio.Task[Any] | None = None
        self._pump: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._pump = asyncio.create_task(self._show_frames())
        return self

    async def __aexit__(self, _kind: object, error: BaseException | None, _where: object) -> None:
        await self._land()
        if error is None:
            await self._screen.messages.settle()

    @property
    def message_ids(self) -> tuple[int, ...]:
        """The messages sent so far, in order, the one with the file last."""
        messages = self._screen.messages
        return messages.ids if messages.file_id is None else (*messages.ids, messages.file_id)

    @property
    def earlier_answer(self) -> str | None:
        """The model's text that an earlier attempt of this reply has delivered; None: none has."""
        return self._screen.messages.earlier_answer

    @property
    def undelivered(self) -> Piece | None:
        """What an earlier attempt of this reply had begun to deliver; None: nothing."""
        return self._screen.messages.undelivered

    def think(self, thought: str = "") -> None:
        """Show that the model is thinking, and the newest of its thoughts, until the first text."""
        self._prelude.think(thought)

    def stand_in_line(self, place: int) -> None:
        """Show the place in the line, until the model thinks or writes."""
        self._prelude.stand_in_line(place)

    def show(self, text: str) -> None:
        """Offer the whole text so far; the newest is what the next frame shows.

        Raises:
            ChatGone: a frame found that nobody reads the chat any more.
        """
        self._text = text
        if self._pump is not None and self._pump.done():
            _raise_if_gone(self._pump)
        if text and not text.isspace():
            self._news.set()

    async def finish(self, text: str, *, is_truncated: bool = False, file: File | None = None) -> None:
        """Deliver the whole text, insisting; one with nothing to see as the words for that."""
        words, keyboard = self._speaker.words, self._keyboard
        mark = words.truncated_mark if is_truncated else ""
        await self._note(Piece(text, Ending.TRUNCATED if is_truncated else Ending.COMPLETE))
        buttons = keyboard.when_truncated if is_truncated else keyboard.at_the_end
        await self._end(text, mark, buttons, file=file)

    async def fail(self, error: GovorunError, *, kept: Piece | None = None, offers: Buttons = ()) -> None:
        """Leave what the model had said, or what is kept instead, with a sentence about the error below it."""
        said = kept or Piece(self._text)
        is_truncated = said.ending is Ending.TRUNCATED
        buttons = self._keyboard.when_truncated if is_truncated else self._keyboard.at_the_end
        await self._end(said.text, self._speaker.sentence(error), (*offers, *buttons), is_answer=False)

    async def stop(self) -> None:
        """Leave what the model had said, marked as stopped."""
        await self._note(Piece(self._text))
        await self._end(self._text, self._speaker.words.stopped_mark, self._keyboard.at_the_end)

    async def _note(self, said: Piece) -> None:
        if not self._is_ended:
            await self._screen.messages.note_text(said)

    async def _end(
        self, text: str, mark: str, buttons: Buttons, *, is_answer: bool = True, file: File | None = None
    ) -> None:
        if self._is_ended:
            return
        if self._pump is not None and self._pump.done():
            _raise_if_gone(self._pump)
        await self._land()
        parts = await self._screen.settle(text, mark, buttons, self._speaker.words.empty_answer)
        if file:
            await self._screen.messages.hand_over(partial(self._screen.outbox.document, file))
        elif is_answer and 0 < self._file_after_parts < parts:
            await self._hand_over(text)
        await self._screen.messages.note_end(text if is_answer else "")
        self._is_ended = True

    async def _hand_over(self, text: str) -> None:
        """Send the text as a file too; the answer is whole without it."""
        try:
            file = File(_FILE_NAME, text.encode(errors="replace"), self._speaker.words.file_caption)
            await self._screen.messages.hand_over(partial(self._screen.outbox.document, file))
        except DeliveryError as error:
            log.warning("file_not_delivered", error=repr(error))

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
        """Show that an answer is coming until there is a text, then frames until cancelled."""
        pace, timer = self._screen.pace, self._timer
        await self._wait_for_text()
        await timer.sleep(pace.first_frame_delay_s)
        while True:
            await self._news_within(self._screen.frame_lasts_s)
            if not self._screen.has_news(self._text):
                self._news.clear()
                await timer.sleep(pace.frame_interval_s)
                continue
            while (wait_s := await self._screen.frame_wait_s()) > 0:
                await timer.sleep(max(wait_s, _LEAST_WAIT_S))
            began_at = timer.clock()
            self._news.clear()
            if await self._fly(self._screen.advance(self._text)):
                self._news.set()
            await timer.sleep(max(0.0, began_at + pace.frame_interval_s - timer.clock()))

    async def _wait_for_text(self) -> None:
        """Greet again and again, or tell what is known before the first text."""
        greeting_due = status_due = self._timer.clock()
        shown: Rendered | None = None
        while not self._news.is_set():
            now = self._timer.clock()
            if (told := self._prelude.told()) is not None:
                # No greeting any more: as a draft it would replace what is told.
                if now >= status_due and (told != shown or self._is_expiring):
                    shown = told if await self._show_status(told) else shown
                    status_due = now + _STATUS_INTERVAL_S
            elif now >= greeting_due:
                await self._fly(self._screen.greet())
                greeting_due = now + self._screen.greeting_lasts_s
            await self._news_within(self._prelude.pause_s)

    @property
    def _is_expiring(self) -> bool:
        """Whether what is shown vanishes before the next status is due."""
        lasts_s = self._screen.frame_lasts_s
        return lasts_s is not None and lasts_s <= _STATUS_INTERVAL_S

    async def _show_status(self, told: Rendered) -> bool:
        """Show it if a call can be spared; return whether it was shown."""
        return await self._screen.frame_wait_s() == 0 and not await self._fly(self._screen.show([told]))

    async def _news_within(self, seconds: float | None) -> None:
        """Wait for a text, but no longer than that; None: however long it takes."""
        if seconds is None:
            await self._news.wait()
            return
        waiting = {asyncio.create_task(self._news.wait()), asyncio.ensure_future(self._timer.sleep(seconds))}
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()

    async def _fly(self, call: Coroutine[Any, Any, Any]) -> Any:
        """Run a call that outlives the frames, so that the end can wait for it."""
        self._flight = asyncio.create_task(call)
        return await asyncio.shield(self._flight)


def _place_now(place: Place, chat_id: int | None) -> Place:
    """Return where an interrupted reply goes on: its group may have moved while it grew."""
    if chat_id in {None, place.conversation.chat_id}:
        return place
    return Place(place.conversation.moved_to(chat_id), is_group=place.is_group, below=FIRST_ID)


def _raise_if_gone(frames: asyncio.Task[None]) -> None:
    error = None if frames.cancelled() else frames.exception()
    if isinstance(error, ChatGone):
        raise error


def _take_note(task: asyncio.Task[Any]) -> None:
    """Log why frames ended before their time: they are cosmetic, and the end will say what is wrong."""
    if task.cancelled():
        return
    error = task.exception()
    if isinstance(error, DeliveryError):
        log.info("frames_ended", error=repr(error))
    elif error is not None:
        log.error("frames_broken", exc_info=error)
