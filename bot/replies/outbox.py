"""What a reply can ask of Telegram: send, edit, draft, delete, and hand over a file.

An answer to a call may get lost on the way. An edit repeated is harmless; a *send* repeated may double a
message, and is repeated nevertheless, because a possible duplicate is better than a lost tail. `is_ours` finds
it then.
"""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

import structlog
from aiogram import Bot
from aiogram.enums import ChatAction
from aiogram.methods import (
    DeleteBusinessMessages,
    DeleteMessage,
    EditMessageText,
    SendChatAction,
    SendDocument,
    SendPhoto,
    TelegramMethod,
)
from aiogram.types import BufferedInputFile, Message

from bot.errors import ChatGone, DeliveryError, DeliveryTimeout, MediaForbidden
from bot.replies import wire
from bot.replies.calls import Attempt, Calls, Timer
from bot.replies.contents import Content, Rich
from bot.replies.entities import Rendered
from bot.replies.governor import Governor
from bot.replies.ledger import Ledger
from bot.replies.pace import Importance, Pace
from bot.replies.pictures import file_name, is_photo
from bot.replies.refusals import DraftRefused, Lost, MessageLost, NoPhoto, NoText, RichRefused, Unchanged
from bot.replies.wire import Frame
from bot.tasks import put_down
from bot.types import Buttons, File, Picture, Place

log = structlog.get_logger(__name__)
T = TypeVar("T")

_OTHERS_S = 2.0
"""After which whoever else speaks in the chat has heard the id of a message sent before, and noted it."""

_BRIEF_S = 5.0
"""After which a draft, or typing, is no longer waited for, because the end of the reply waits too.

A draft that arrives after the last message all the same stands below it, older than it, until it expires; as
its connection is closed that is improbable, and people would rather have the answer.
"""
_BARE = Frame(Rendered("…"))
"""Stands where nothing should stand, but a message cannot go."""


class Spot(NamedTuple):
    """A chat, whose messages have ids of their own, and a topic in it."""

    chat_id: int
    topic_id: int | None


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that arrived; earlier tries may have arrived too, with ids above those of `lost_above`."""

    message_id: int
    lost_above: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class SentPhoto:
    """A picture that arrived, and the id under which Telegram keeps it; empty: it did not say."""

    sent: Sent
    file_id: str


class Outbox:
    """The messages of one reply in one place; for what is raised, see `Calls`.

    Calls with an importance below `FINAL` must have been admitted.
    """

    def __init__(self, bot: Bot, governor: Governor, ledger: Ledger, place: Place, timer: Timer) -> None:
        self._calls = Calls(bot, governor, place, timer)
        self._ledger = ledger
        self.timer = timer
        self._reply_to = place.reply_to
        self._home = self.spot
        if self._is_private and place.below:
            ledger.hear(place.below)

    @property
    def pace(self) -> Pace:
        """The rhythm that the governor keeps."""
        return self._calls.pace

    @property
    def spot(self) -> Spot:
        """Where calls go now: not where they went at first if the group has moved or the topic is lost."""
        return Spot(self._calls.to.chat_id, self._calls.to.topic_id)

    @property
    def above(self) -> int:
        """An id below which no message can be that is sent from now on, as far as is known here; 0: none is.

        Messages of other private chats tell, because a busy bot has sent one a moment ago.
        """
        return self._ledger.newest_private_id if self._is_private else 0

    async def newest(self) -> int:
        """Return the same, as far as any replica knows."""
        return await self._ledger.newest_of_all() if self._is_private else 0

    async def admission(self, importance: Importance) -> float:
        """Ask for one cosmetic call; return 0.0, or the seconds to wait before asking again."""
        return await self._calls.admission(importance)

    async def send(
        self, frame: Frame, importance: Importance, *, is_first: bool, is_bound: bool = False
    ) -> Sent:
        """Send a message, the first one as a reply, unless the question stays behind in a chat or topic left.

        Raises:
            MessageLost: the topic is closed or the group has moved, and the message is bound to others.
            RichRefused: Telegram does not take this rich message, here or at all.
        """
        attempt = self._attempt(frame.content, importance)

        def message(attempt: Attempt) -> TelegramMethod[Message]:
            attempt.above = self.above
            reply_to = self._reply_to if is_first and self.spot == self._home else None
            return wire.sending(self._calls.to, frame, reply_to, is_plain=attempt.is_plain)

        method = self._unless_moved(message) if is_bound else message
        return self._sent(await self._calls.make(method, attempt), attempt)

    async def note(self, *message_ids: int) -> None:
        """Let everybody know that these messages are the bot's, so that nobody takes them for lost ones.

        After they were written down by whoever sent them: if the process dies in between, its reply is taken up
        by one that must find them.
        """
        for message_id in message_ids:
            await self._ledger.note(self.spot.chat_id, message_id, is_private=self._is_private)

    async def edit(self, message_id: int, frame: Frame, importance: Importance) -> bool:
        """Make a message show the frame; return whether it had shown something else.

        Raises:
            MessageLost: it is gone, too old, or in a topic that is closed.
            RichRefused: Telegram does not take this rich message, here or at all.
        """
        attempt = self._attempt(frame.content, importance)
        try:
            await self._edit(message_id, frame, attempt)
        except Unchanged:
            return attempt.outages > 0
        return True

    async def draft(self, draft_id: int, content: Content) -> None:
        """Show a draft as a frame; content without text shows as *Thinking…*.

        Raises:
            DraftRefused: Telegram does not take drafts here.
            RichRefused: the same for rich ones.
            Lost: nobody knows whether it will be shown, perhaps late.
        """
        attempt = Attempt(Importance.FRAME, instead=RichRefused if isinstance(content, Rich) else DraftRefused)
        await self._briefly(
            self._calls.make(lambda _: wire.drafting(self._calls.to, draft_id, content), attempt)
        )

    async def document(self, file: File) -> Sent:
        """Send a file, as a final call."""
        attempt = Attempt(Importance.FINAL)

        def message(attempt: Attempt) -> SendDocument:
            attempt.above = self.above
            return SendDocument(
                chat_id=self._calls.to.chat_id,
                message_thread_id=self._calls.to.topic_id,
                business_connection_id=self._calls.to.business_id,
                document=BufferedInputFile(file.content, file.name),
                caption=file.caption or None,
            )

        return self._sent(await self._calls.make(message, attempt), attempt)

    async def photo(self, picture: Picture, caption: str, buttons: Buttons) -> "SentPhoto":
        """Send a picture, as a final call; what Telegram, or the chat, takes for no photo goes as a file.

        Raises:
            MediaForbidden: the chat takes no files either.
        """
        if is_photo(picture):
            with suppress(NoPhoto, MediaForbidden):
                return await self._photo(picture, caption, buttons)
        return await self._as_file(picture, caption, buttons)

    async def _photo(self, picture: Picture, caption: str, buttons: Buttons) -> "SentPhoto":
        attempt = Attempt(Importance.FINAL, instead=NoPhoto)

        def message(attempt: Attempt) -> SendPhoto:
            attempt.above = self.above
            photo = BufferedInputFile(picture.data, file_name(picture))
            return SendPhoto(photo=photo, **self._captioned(caption, buttons))

        said = await self._calls.make(message, attempt)
        return SentPhoto(self._sent(said, attempt), said.photo[-1].file_id if said.photo else "")

    async def _as_file(self, picture: Picture, caption: str, buttons: Buttons) -> "SentPhoto":
        attempt = Attempt(Importance.FINAL)

        def message(attempt: Attempt) -> SendDocument:
            attempt.above = self.above
            document = BufferedInputFile(picture.data, file_name(picture))
            return SendDocument(
                document=document, disable_content_type_detection=True, **self._captioned(caption, buttons)
            )

        said = await self._calls.make(message, attempt)
        return SentPhoto(self._sent(said, attempt), said.document.file_id if said.document else "")

    def _captioned(self, caption: str, buttons: Buttons) -> dict[str, Any]:
        is_here = self._reply_to is not None and self.spot == self._home
        return {
            "chat_id": self._calls.to.chat_id,
            "message_thread_id": self._calls.to.topic_id,
            "business_connection_id": self._calls.to.business_id,
            "caption": caption or None,
            "parse_mode": None,
            "reply_markup": wire.keyboard(buttons),
            "reply_parameters": wire.replying(self._reply_to) if is_here else None,
        }

    async def known(self) -> frozenset[int] | None:
        """Return the newest ids of the chat that are known to be the bot's; None if that cannot be told."""
        await self.timer.sleep(_OTHERS_S)
        return await self._ledger.known(self.spot.chat_id)

    async def others(self, above: int, below: int | None) -> frozenset[int]:
        """Return ids between these two that stand elsewhere, or are not the bot's, as far as is known."""
        return await self._ledger.row(above, below) if self._is_private else frozenset()

    async def is_ours(self, message_id: int, frame: Frame | None, importance: Importance) -> bool:
        """Whether there is a message of the bot with this id, which then shows the frame.

        None stands for a file, which is told by having no text to edit, or for what nobody remembers. Never ask
        for a message that is `known`: it would lose what it shows.
        """
        shown, spot = frame or _BARE, self.spot
        try:
            await self._edit(message_id, shown, Attempt(importance))
        except Unchanged:
            return True
        except NoText:
            return frame is None
        except MessageLost:
            # That its topic is closed, Telegram says only of a message that the bot could edit otherwise.
            return self.spot.topic_id != spot.topic_id and self.spot.chat_id == spot.chat_id
        except ChatGone:  # the same, where no topic is to be lost
            return True
        return True

    async def delete(self, message_id: int) -> None:
        """Delete a message, as a final call; of one that is too old for that next to nothing stays."""
        deletion = self._unless_moved(lambda _: self._deletion(message_id))
        try:
            await self._calls.make(deletion, Attempt(Importance.FINAL))
        except (MessageLost, ChatGone, DeliveryTimeout) as error:
            log.info("message_not_deleted", message_id=message_id, error=repr(error))
        except DeliveryError as error:
            log.info("message_not_deleted", message_id=message_id, error=repr(error))
            with suppress(DeliveryError):
                await self._edit(message_id, _BARE, Attempt(Importance.FINAL))

    async def typing(self, action: str = ChatAction.TYPING) -> None:
        """Show typing, or another of Telegram's chat actions, if a call can be spared."""
        if await self.admission(Importance.TYPING) > 0:
            return

        def acting(_: Attempt) -> SendChatAction:
            return SendChatAction(
                chat_id=self._calls.to.chat_id,
                action=action,
                message_thread_id=self._calls.to.topic_id,
                business_connection_id=self._calls.to.business_id,
            )

        try:
            await self._briefly(self._calls.make(acting, Attempt(Importance.TYPING)))
        except DeliveryError as error:
            log.debug("typing_not_shown", error=repr(error))

    async def _briefly(self, making: Coroutine[Any, Any, bool]) -> None:
        """Call what leaves no message behind, but give it up before the end of the reply waits for long."""
        call, alarm = asyncio.ensure_future(making), asyncio.ensure_future(self.timer.sleep(_BRIEF_S))
        try:
            await asyncio.wait({call, alarm}, return_when=asyncio.FIRST_COMPLETED)
            if not call.done():
                raise Lost("a call hangs")
            await call
        finally:
            await put_down(call, alarm)

    def _attempt(self, content: Content, importance: Importance) -> Attempt:
        """Begin a call; frames do without looks once some were refused, the end tries them again."""
        if isinstance(content, Rich):
            return Attempt(importance, instead=RichRefused)
        is_bare = importance is not Importance.FINAL and self._calls.are_looks_refused
        return Attempt(importance, is_plain=is_bare or not content.entities)

    async def _edit(self, message_id: int, frame: Frame, attempt: Attempt) -> None:
        def edit(attempt: Attempt) -> EditMessageText:
            return wire.editing(self._calls.to, message_id, frame, is_plain=attempt.is_plain)

        await self._calls.make(self._unless_moved(edit), attempt)

    def _unless_moved(
        self, method: Callable[[Attempt], TelegramMethod[T]]
    ) -> Callable[[Attempt], TelegramMethod[T]]:
        """Give up a message rather than name its id in the chat that its group has become."""
        spot = self.spot

        def call(attempt: Attempt) -> TelegramMethod[T]:
            if self.spot != spot:
                raise MessageLost("its topic is closed, or its group has moved")
            return method(attempt)

        return call

    def _sent(self, message: Message, attempt: Attempt) -> Sent:
        if self._is_private:
            self._ledger.compare(message.message_id, above=attempt.above)
            self._ledger.hear(message.message_id)
        return Sent(message.message_id, tuple(attempt.lost_above))

    @property
    def _is_private(self) -> bool:
        """Whether ids come from the bot's own row; those of a business account are not the bot's."""
        return self.spot.chat_id > 0 and self._calls.to.business_id is None

    def _deletion(self, message_id: int) -> TelegramMethod[bool]:
        if self._calls.to.business_id is None:
            return DeleteMessage(chat_id=self._calls.to.chat_id, message_id=message_id)
        return DeleteBusinessMessages(
            business_connection_id=self._calls.to.business_id, message_ids=[message_id]
        )
