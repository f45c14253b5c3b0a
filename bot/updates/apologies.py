"""An error that leaves a handler becomes one sentence in the chat and one line in the log.

Errors of the model never come this far: `bot.conversation` tells of them inside the answer. What nobody foresaw
is passed on, because the worker tries it again and in the end puts it among the dead letters.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from aiogram import BaseMiddleware
from aiogram.types import TelegramObject, Update, User
from pydantic import ValidationError

from bot.errors import ChatGone, DeliveryError, DeliveryTimeout, GovorunError, StoreError
from bot.ports import Meter, Notices, Uncounted
from bot.texts import PHRASES, Phrases, language_of, sentence_for
from bot.types import ConversationKey, Happening, Place
from bot.updates.addressing import is_addressed
from bot.updates.introductions import Handler, Visit, place_of
from bot.updates.lanes import calls_somebody, conversation_of

log = structlog.get_logger(__name__)


class WaitingNotice:
    """Tells people once per episode that their message is safe, while Redis is away.

    A blink of Redis is not worth a word: of those whose message cannot be kept, only who failed twice is told.
    """

    def __init__(
        self,
        notices: Notices,
        bot_id: int,
        clock: Callable[[], float],
        *,
        quiet_s: float = 60.0,
        patience_s: float = 5.0,
    ) -> None:
        self._notices = notices
        self._bot_id = bot_id
        self._clock = clock
        self._quiet_s = quiet_s
        self._patience_s = patience_s
        self._failed: dict[ConversationKey, float] = {}
        self._told: dict[ConversationKey, float] = {}

    async def __call__(self, update: dict[str, Any]) -> None:
        """Tell the sender of a raw update; in private chats only: a group may not have meant the bot.

        Of a message that was only changed nothing is promised: most of those are answered no more.
        """
        heard = _sender(update, self._bot_id)
        if heard is None or heard[0].chat_id < 0 or "edited_message" in update:
            return
        conversation, phrases = heard
        if self._is_first(self._failed, conversation):
            return
        await self.tell(Place(conversation), phrases)

    async def tell(self, place: Place, phrases: Phrases) -> None:
        """Say it, unless it was said a moment ago; never waits for long and never raises."""
        if self._is_first(self._told, place.conversation):
            await _soon(self._notices.say(place, phrases.failures.store), self._patience_s)

    def _is_first(self, known: dict[ConversationKey, float], conversation: ConversationKey) -> bool:
        now = self._clock()
        for key in [key for key, at in known.items() if now - at >= self._quiet_s]:
            del known[key]
        is_first = conversation not in known
        known.setdefault(conversation, now)
        return is_first


class FullNotice:
    """Tells people that messages are let go, because too many wait; when to tell is the inbox's."""

    def __init__(self, notices: Notices, me: User, *, patience_s: float = 30.0) -> None:
        self._notices = notices
        self._me = me
        self._patience_s = patience_s

    async def __call__(self, update: dict[str, Any]) -> None:
        """Tell the sender of a raw update; in a group only who called the bot. Never raises.

        Who pressed a button reads it in passing.
        """
        heard = _sender(update, self._me.id)
        if heard is None:
            return
        conversation, phrases = heard
        log.info("updates refused: too many wait", conversation=conversation.slug)
        text = phrases.too_much_waits
        if press := update.get("callback_query"):
            await _soon(self._notices.answer(press["id"], text, is_alert=True), self._patience_s)
        elif place := Place(conversation) if conversation.chat_id > 0 else _called_from(update, self._me):
            await _soon(self._notices.say(place, text), self._patience_s)


class Apologies(BaseMiddleware):
    """Speaks failures (law 7)."""

    def __init__(self, notices: Notices, waiting: WaitingNotice, *, meter: Meter | None = None) -> None:
        self._notices = notices
        self._waiting = waiting
        self._meter = meter or Uncounted()

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        """Handle; say what went wrong.

        Raises:
            StoreError: the update has to be handled again when Redis is back.
            DeliveryTimeout: the same when Telegram is.
        """
        visit: Visit = data["visit"]
        try:
            return await handler(event, data)
        except StoreError:
            await self._waiting.tell(visit.place, visit.phrases)
            raise
        except DeliveryTimeout:
            raise
        except ChatGone as error:
            self._meter.count(Happening.UNDELIVERED)
            log.info("chat is gone", error=str(error))
        except DeliveryError as error:
            self._meter.count(Happening.UNDELIVERED)
            log.error("not delivered", error=str(error))  # noqa: TRY400 - foreseen, nothing to trace
            await self._say(visit.place, visit.phrases.failures.unexpected)
        except GovorunError as error:
            log.error("not handled", error=str(error))  # noqa: TRY400 - foreseen, nothing to trace
            await self._say(visit.place, sentence_for(error, visit.phrases.failures))
        return None

    async def bury(self, update: dict[str, Any], bot_id: int) -> None:
        """Apologise for an update that cannot be handled at all; in a group only to who may mean the bot.

        Raises:
            DeliveryTimeout: Telegram does not take it now.
        """
        heard = _sender(update, bot_id)
        if heard is None:
            return
        conversation, phrases = heard
        message = update.get("message") or update.get("edited_message")
        if message and conversation.chat_id < 0 and not calls_somebody(message, bot_id):
            return
        try:
            await self._notices.say(Place(conversation), phrases.failures.unexpected)
        except DeliveryTimeout:
            raise
        except DeliveryError as error:
            log.warning("apology not delivered", error=str(error))

    async def _say(self, place: Place, text: str) -> None:
        try:
            await self._notices.say(place, text)
        except DeliveryError as error:
            log.warning("apology not delivered", error=str(error))


async def _soon(notice: Awaitable[None], patience_s: float) -> None:
    try:
        async with asyncio.timeout(patience_s):
            await notice
    except (DeliveryError, TimeoutError) as error:
        log.warning("notice not delivered", error=repr(error))


def _sender(update: dict[str, Any], bot_id: int) -> tuple[ConversationKey, Phrases] | None:
    event = update.get("message") or update.get("edited_message") or update.get("callback_query") or {}
    conversation = conversation_of(event.get("message") or event, bot_id)
    if conversation is None:
        return None
    return conversation, PHRASES[language_of((event.get("from") or {}).get("language_code"))]


def _called_from(update: dict[str, Any], me: User) -> Place | None:
    """Return where a group is answered in which a raw message calls the bot; None if it does not."""
    try:
        parsed = Update.model_validate(update)
    except ValidationError:
        return None
    message = parsed.message or parsed.edited_message
    return place_of(message, me.id) if message and is_addressed(message, me) else None
