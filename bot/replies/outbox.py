"""The calls of one reply to Telegram: final ones insist, cosmetic ones are tried once.

An answer to a call may get lost on the way. An edit repeated is harmless; a *send* repeated may double a
message, and is repeated nevertheless, because one possible duplicate is better than a lost tail.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

import structlog
from aiogram import Bot
from aiogram.enums import ChatAction
from aiogram.exceptions import AiogramError, TelegramMigrateToChat, TelegramRetryAfter
from aiogram.methods import (
    DeleteBusinessMessages,
    DeleteMessage,
    EditMessageText,
    SendChatAction,
    SendMessage,
    TelegramMethod,
)
from aiogram.types import ReplyParameters

from bot.errors import DeliveryError, DeliveryTimeout
from bot.replies.governor import Governor
from bot.replies.pace import Importance, Pace
from bot.replies.refusals import Postponed, Refusal, Unchanged, mapped, refusal
from bot.replies.wire import Frame, parameters
from bot.types import Place

log = structlog.get_logger(__name__)
T = TypeVar("T")

_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 15.0
_LEAST_WAIT_S = 0.05


@dataclass(frozen=True, slots=True)
class Timer:
    """Time as a reply sees it: seconds of a steady clock, and a way to wait."""

    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


@dataclass(slots=True)
class _Attempt:
    """A call on its way: until when it insists, and what has happened to it."""

    importance: Importance
    deadline: float
    failures: int = 0
    is_plain: bool = False
    """Without entities: there are none, or they were refused."""

    @property
    def pause_s(self) -> float:
        """How long to wait after outages: longer after each."""
        return min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2**self.failures) if self.failures else 0.0


class Outbox:
    """Sends, edits and deletes the messages of one reply in one place.

    Methods with an importance raise `Postponed` if the call was cosmetic and did not get through, `TooLong`,
    `ChatGone`, or `DeliveryError` for what Telegram will never take, or not within the pace's `patience_s`.
    """

    def __init__(self, bot: Bot, governor: Governor, place: Place, timer: Timer) -> None:
        self._bot = bot
        self._governor = governor
        self._place = place
        self._chat_id = place.conversation.chat_id
        self._topic_id = place.conversation.topic_id
        self._business_id = place.conversation.business_id
        self._timer = timer

    @property
    def pace(self) -> Pace:
        """The rhythm that the governor keeps."""
        return self._governor.pace

    async def admission(self, importance: Importance) -> float:
        """Ask for one cosmetic call; return 0.0, or the seconds to wait before asking again."""
        return await self._governor.admit(self._chat_id, importance, is_group=self._place.is_group)

    async def send(self, frame: Frame, importance: Importance, *, is_first: bool) -> int:
        """Send a message, the first one as a reply, and return its id; a cosmetic one must be admitted."""
        reply_to = self._place.reply_to if is_first else None
        question = ReplyParameters(message_id=reply_to, allow_sending_without_reply=True) if reply_to else None

        def message(attempt: _Attempt) -> SendMessage:
            return SendMessage(
                chat_id=self._chat_id,
                message_thread_id=self._topic_id,
                business_connection_id=self._business_id,
                reply_parameters=question,
                **parameters(frame, is_plain=attempt.is_plain),
            )

        attempt = self._attempt(importance, frame)
        return (await self._call(message, attempt)).message_id

    async def edit(self, message_id: int, frame: Frame, importance: Importance) -> None:
        """Make a message show the frame; a cosmetic one must be admitted.

        Raises:
            MessageLost: it is gone or too old.
        """

        def edit(attempt: _Attempt) -> EditMessageText:
            return EditMessageText(
                chat_id=self._chat_id,
                message_id=message_id,
                business_connection_id=self._business_id,
                **parameters(frame, is_plain=attempt.is_plain),
            )

        with suppress(Unchanged):
            await self._call(edit, self._attempt(importance, frame))

    async def delete(self, message_id: int) -> None:
        """Delete a message, as a final call; one that cannot be deleted stays."""
        try:
            await self._call(lambda _: self._deletion(message_id), self._attempt(Importance.FINAL))
        except DeliveryError as error:
            log.info("message_not_deleted", message_id=message_id, error=repr(error))

    async def typing(self) -> None:
        """Show typing, if a call can be spared."""
        if await self.admission(Importance.TYPING) > 0:
            return
        action = SendChatAction(
            chat_id=self._chat_id,
            action=ChatAction.TYPING,
            message_thread_id=self._topic_id,
            business_connection_id=self._business_id,
        )
        try:
            await self._call(lambda _: action, self._attempt(Importance.TYPING))
        except DeliveryError as error:
            log.debug("typing_not_shown", error=repr(error))

    def _attempt(self, importance: Importance, frame: Frame | None = None) -> _Attempt:
        has_looks = frame is not None and bool(frame.content.entities)
        return _Attempt(
            importance, self._timer.clock() + self._governor.pace.patience_s, is_plain=not has_looks
        )

    def _deletion(self, message_id: int) -> TelegramMethod[bool]:
        if self._business_id is None:
            return DeleteMessage(chat_id=self._chat_id, message_id=message_id)
        return DeleteBusinessMessages(business_connection_id=self._business_id, message_ids=[message_id])

    async def _call(self, make: Callable[[_Attempt], TelegramMethod[T]], attempt: _Attempt) -> T:
        """Call until it is taken; a cosmetic call only once."""
        while True:
            if attempt.importance is Importance.FINAL:
                await self._admitted(attempt)
            try:
                return await self._bot(make(attempt))
            except AiogramError as error:
                await self._overcome(error, attempt)

    async def _admitted(self, attempt: _Attempt) -> None:
        """Wait until the governor grants the call."""
        while (wait_s := await self.admission(attempt.importance)) > 0:
            await self._wait(max(wait_s, _LEAST_WAIT_S), attempt)

    async def _wait(self, seconds: float, attempt: _Attempt) -> None:
        if self._timer.clock() + seconds > attempt.deadline:
            raise DeliveryTimeout(f"Telegram did not take a call to chat {self._chat_id} in time")
        await self._timer.sleep(seconds)

    async def _overcome(self, error: AiogramError, attempt: _Attempt) -> None:
        """Return if the call is worth repeating, having changed or waited for what stood in its way."""
        meaning = refusal(error)
        match meaning, error:
            case Refusal.FLOOD, TelegramRetryAfter(retry_after=seconds):
                await self._governor.penalise(self._chat_id, seconds)
            case Refusal.MOVED, TelegramMigrateToChat(migrate_to_chat_id=chat_id):
                self._chat_id = chat_id
            case Refusal.THREAD_LOST, _ if self._topic_id is not None:
                self._topic_id = None
            case Refusal.BAD_REQUEST, _ if not attempt.is_plain:
                attempt.is_plain = True
            case Refusal.OUTAGE, _:
                attempt.failures += 1
            case _:
                raise mapped(meaning, error) from error
        if attempt.importance is not Importance.FINAL:
            raise Postponed(str(error)) from error
        log.info("call_repeated", because=meaning.name.lower(), error=str(error))
        await self._wait(attempt.pause_s, attempt)
