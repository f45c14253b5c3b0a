"""What a message shows, in the words of aiogram: the calls that send, edit and draft it.

Looks and buttons of a text are given to a call as the JSON that they are on the wire: aiogram checks and copies
each object of its own, and a hundred looks would cost more than all the rest of a frame.
"""

import functools
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aiogram.methods import (
    EditMessageText,
    SendMessage,
    SendMessageDraft,
    SendRichMessage,
    SendRichMessageDraft,
)
from aiogram.types import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputRichMessage,
    LinkPreviewOptions,
    ReplyParameters,
)

from bot.replies.contents import Content, Rich
from bot.replies.entities import Entity, Rendered
from bot.types import Buttons

_NO_PREVIEW = LinkPreviewOptions(is_disabled=True).model_dump_json(exclude_unset=True)


@dataclass(frozen=True, slots=True)
class Frame:
    """What one message shows."""

    content: Content
    buttons: Buttons = ()
    is_live: bool = False
    """It will change in a moment: there is no link preview, which would push the text about."""


@dataclass(slots=True)
class Address:
    """Where calls go; it changes when a group moves or a topic is lost."""

    chat_id: int
    topic_id: int | None = None
    business_id: str | None = None


def sending(
    to: Address, frame: Frame, reply_to: int | None, *, is_plain: bool
) -> SendMessage | SendRichMessage:
    """Return the call that sends a message; `is_plain` leaves the entities out."""
    where: dict[str, Any] = {
        "chat_id": to.chat_id,
        "message_thread_id": to.topic_id,
        "business_connection_id": to.business_id,
        "reply_parameters": replying(reply_to),
    }
    if isinstance(frame.content, Rich):
        return SendRichMessage(rich_message=_rich(frame.content), **where, reply_markup=keyboard(frame.buttons))
    call = SendMessage(**where, **_text(frame.content))
    return call.model_copy(update=_dress(frame, () if is_plain else frame.content.entities))


def editing(to: Address, message_id: int, frame: Frame, *, is_plain: bool) -> EditMessageText:
    """Return the call that makes a message show the frame."""
    where: dict[str, Any] = {
        "chat_id": to.chat_id,
        "message_id": message_id,
        "business_connection_id": to.business_id,
    }
    if isinstance(frame.content, Rich):
        return EditMessageText(rich_message=_rich(frame.content), **where, reply_markup=keyboard(frame.buttons))
    call = EditMessageText(**where, **_text(frame.content))
    return call.model_copy(update=_dress(frame, () if is_plain else frame.content.entities))


def drafting(to: Address, draft_id: int, content: Content) -> SendMessageDraft | SendRichMessageDraft:
    """Return the call that shows a draft; one without text shows as *Thinking…*."""
    where: dict[str, Any] = {
        "chat_id": to.chat_id,
        "draft_id": draft_id,
        "message_thread_id": to.topic_id,
        "can_stop": True,
        "keep_on_stop": True,
    }
    if isinstance(content, Rich):
        return SendRichMessageDraft(rich_message=_rich(content), **where)
    return SendMessageDraft(**where, **_text(content)).model_copy(update={"entities": _looks(content.entities)})


def _text(content: Rendered) -> dict[str, Any]:
    return {"text": content.text, "parse_mode": None, "entities": None}


def _dress(frame: Frame, entities: Sequence[Entity]) -> dict[str, Any]:
    """Return what a text wears: its looks, the buttons below it, and no link preview while it grows."""
    preview = {"link_preview_options": _NO_PREVIEW} if frame.is_live else {}
    return {"entities": _looks(entities), "reply_markup": _keys(frame.buttons), **preview}


def _looks(entities: Sequence[Entity]) -> str | None:
    return f"[{','.join(map(_entity, entities))}]" if entities else None


def _entity(one: Entity) -> str:
    more = ""
    if one.url is not None:
        more += f',"url":{json.dumps(one.url)}'
    if one.language is not None:
        more += f',"language":{json.dumps(one.language)}'
    return f'{{"type":"{one.type}","offset":{one.offset},"length":{one.length}{more}}}'


@functools.lru_cache(maxsize=1024)
def _keys(buttons: Buttons) -> str | None:
    """Return the buttons, which are the same below every frame of an answer."""
    markup = keyboard(buttons)
    return None if markup is None else markup.model_dump_json(exclude_none=True)


def _rich(content: Rich) -> InputRichMessage:
    return InputRichMessage(markdown=content.markdown)


def replying(reply_to: int | None) -> ReplyParameters | None:
    """Return what makes a message a reply, though the one that it replies to may be gone; None: it is none."""
    return ReplyParameters(message_id=reply_to, allow_sending_without_reply=True) if reply_to else None


def keyboard(buttons: Buttons) -> InlineKeyboardMarkup | None:
    """Return the buttons below a message; None: there are none."""
    if not buttons:
        return None
    return InlineKeyboardMarkup(
        inline_keyboard=[
            [InlineKeyboardButton(text=button.label, callback_data=button.data) for button in row]
            for row in buttons
        ]
    )
