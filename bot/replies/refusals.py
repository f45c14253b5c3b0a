"""What Telegram's refusals mean for a reply: the one border where aiogram's exceptions end.

Source: Telegram answers errors with a description only, so it is read; the wording is that of
https://github.com/tdlib/telegram-bot-api.
"""

import re
from collections.abc import Callable
from enum import Enum, auto
from functools import partial

from aiogram.exceptions import (
    AiogramError,
    ClientDecodeError,
    TelegramBadRequest,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)

from bot.errors import ChatGone, DeliveryError, DeliveryTimeout, MediaForbidden


class Refusal(Enum):
    """What can be done about it."""

    FLOOD = auto()
    """Wait as long as Telegram says."""
    OUTAGE = auto()
    """Telegram or the way to it is broken: try again."""
    MOVED = auto()
    """The group has become a supergroup with another id."""
    UNCHANGED = auto()
    """The message shows that already: a success."""
    MESSAGE_LOST = auto()
    """The message is gone or cannot be changed: send it anew."""
    THREAD_LOST = auto()
    """The topic is gone or closed: send without it."""
    TOO_LONG = auto()
    CHAT_GONE = auto()
    NO_MEDIA = auto()
    """The chat takes no photos, or no files; texts it may take."""
    NO_TEXT = auto()
    """The message is a file or a picture."""
    BAD_REQUEST = auto()
    """Something in the content: try once more without entities."""
    NO_DRAFTS = auto()
    """There are no drafts in that chat."""
    UNKNOWN_METHOD = auto()
    """This server does not know the call."""
    NO_TOKEN = auto()
    """The bot's token is no good any more: with another one, a later start can do it."""
    OTHER = auto()


class Postponed(DeliveryError):
    """A cosmetic call did not get through; a later frame will."""


class Lost(Postponed):
    """The answer to a cosmetic call got lost: nobody knows whether it arrived."""


class WayRefused(DeliveryError):
    """Telegram does not take what can be shown in another way.

    `is_lasting` if it said so of the way itself; else it may be only this content that is bad.
    """

    def __init__(self, message: str, *, is_lasting: bool = False) -> None:
        super().__init__(message)
        self.is_lasting = is_lasting


class DraftRefused(WayRefused):
    """Telegram does not take drafts in that chat, or not this one."""


class RichRefused(WayRefused):
    """Telegram does not take rich messages in that chat, or not this one."""


class NoPhoto(WayRefused):
    """Telegram does not take this picture as a photo."""


class Unchanged(DeliveryError):
    """The message shows that already."""


class MessageLost(DeliveryError):
    """The message that was to be edited cannot be edited any more."""


class NoText(MessageLost):
    """The message that was to be edited is the bot's, and has no text."""


class TooLong(DeliveryError):
    """Telegram counts more characters than it takes."""


_BY_TYPE: tuple[tuple[type[AiogramError], Refusal], ...] = (
    (TelegramRetryAfter, Refusal.FLOOD),
    (TelegramMigrateToChat, Refusal.MOVED),
    (TelegramForbiddenError, Refusal.CHAT_GONE),
    (TelegramEntityTooLarge, Refusal.TOO_LONG),
    (TelegramNotFound, Refusal.UNKNOWN_METHOD),
    (TelegramUnauthorizedError, Refusal.NO_TOKEN),
    (TelegramNetworkError, Refusal.OUTAGE),
    (TelegramServerError, Refusal.OUTAGE),
    (ClientDecodeError, Refusal.OUTAGE),
)
_BY_DESCRIPTION: tuple[tuple[str, Refusal], ...] = (
    ("message is not modified", Refusal.UNCHANGED),
    ("message to edit not found", Refusal.MESSAGE_LOST),
    ("message can't be edited", Refusal.MESSAGE_LOST),
    ("message to delete not found", Refusal.MESSAGE_LOST),
    ("message_id_invalid", Refusal.MESSAGE_LOST),
    ("there is no text in the message to edit", Refusal.NO_TEXT),
    ("message thread not found", Refusal.THREAD_LOST),
    ("topic_deleted", Refusal.THREAD_LOST),
    ("topic_closed", Refusal.THREAD_LOST),
    ("message is too long", Refusal.TOO_LONG),
    ("message_too_long", Refusal.TOO_LONG),
    ("text is too long", Refusal.TOO_LONG),
    ("draft_peer_invalid", Refusal.NO_DRAFTS),
    ("chat not found", Refusal.CHAT_GONE),
    ("peer_id_invalid", Refusal.CHAT_GONE),
    ("chat_write_forbidden", Refusal.CHAT_GONE),
    ("rights to send photos", Refusal.NO_MEDIA),
    ("rights to send documents", Refusal.NO_MEDIA),
    ("chat_send_photos_forbidden", Refusal.NO_MEDIA),
    ("chat_send_docs_forbidden", Refusal.NO_MEDIA),
    ("chat_send_media_forbidden", Refusal.NO_MEDIA),
    ("not enough rights to send", Refusal.CHAT_GONE),
    ("have no rights to send", Refusal.CHAT_GONE),
)
_DELETED_AT_ONCE = "immediately deleted"
"""By another bot of the chat: Telegram calls it an error of its own, and would do so for ever."""
_UNAVAILABLE = re.compile(
    r"\b(?:messages?|drafts?|method|format)\b[^:]*\bnot (?:supported|available)"
    r"|not (?:supported|available) in\b|text is empty"
)
"""The way itself is meant. An old server passes over what it does not know, and finds nothing to show."""
_NEW_TOKEN_S = 30.0
"""Between two attempts while there is none."""
_ERRORS: dict[Refusal, Callable[[str], DeliveryError]] = {
    Refusal.UNCHANGED: Unchanged,
    Refusal.MESSAGE_LOST: MessageLost,
    Refusal.THREAD_LOST: ChatGone,
    Refusal.NO_TEXT: NoText,
    Refusal.TOO_LONG: TooLong,
    Refusal.NO_DRAFTS: partial(DraftRefused, is_lasting=True),
    Refusal.CHAT_GONE: ChatGone,
    Refusal.NO_MEDIA: MediaForbidden,
    Refusal.NO_TOKEN: partial(DeliveryTimeout, retry_after_s=_NEW_TOKEN_S),
}


def refusal(error: AiogramError) -> Refusal:
    """Tell what a failed call means."""
    if _DELETED_AT_ONCE in str(error).lower():
        return Refusal.OTHER
    for kind, meaning in _BY_TYPE:
        if isinstance(error, kind):
            return meaning
    if not isinstance(error, TelegramBadRequest):
        return Refusal.OTHER
    description = error.message.lower()
    found = (meaning for words, meaning in _BY_DESCRIPTION if words in description)
    return next(found, Refusal.BAD_REQUEST)


def is_lasting(meaning: Refusal, error: AiogramError) -> bool:
    """Whether a way was refused for itself: the server does not know it, or it is not to be had there."""
    return meaning is Refusal.UNKNOWN_METHOD or _UNAVAILABLE.search(str(error).lower()) is not None


def mapped(meaning: Refusal, error: AiogramError) -> DeliveryError:
    """Return the error of this house for a refusal that repeating does not overcome."""
    return _ERRORS.get(meaning, DeliveryError)(str(error))
