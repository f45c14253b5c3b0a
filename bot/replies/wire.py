"""What a message shows, in the words of aiogram."""

from dataclasses import dataclass
from typing import Any

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions, MessageEntity

from bot.replies.entities import Rendered
from bot.types import Buttons


@dataclass(frozen=True, slots=True)
class Frame:
    """What one message shows; one with buttons has no link preview, which would push them about."""

    content: Rendered
    buttons: Buttons = ()


def parameters(frame: Frame, *, is_plain: bool = False) -> dict[str, Any]:
    """Return what sends and edits have in common; `is_plain` leaves the entities out."""
    return {
        "text": frame.content.text,
        "parse_mode": None,
        "entities": None if is_plain else _entities(frame.content),
        "link_preview_options": LinkPreviewOptions(is_disabled=True) if frame.buttons else None,
        "reply_markup": _keyboard(frame.buttons) if frame.buttons else None,
    }


def _entities(content: Rendered) -> list[MessageEntity] | None:
    entities = [
        MessageEntity(type=one.type, offset=one.offset, length=one.length, url=one.url, language=one.language)
        for one in content.entities
    ]
    return entities or None


def _keyboard(buttons: Buttons) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(
        inline_keyboard=[
            [InlineKeyboardButton(text=button.label, callback_data=button.data) for button in row]
            for row in buttons
        ]
    )
