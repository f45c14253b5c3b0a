"""Keyboards under messages: checked as the server checks them.

Source: tdlib/telegram-bot-api, `get_inline_keyboard_button` and `get_reply_markup`.
"""

from typing import Any

from bot.sandbox.telegram.links import checked_url
from bot.sandbox.telegram.params import Params
from bot.sandbox.telegram.refusals import Refusal, bad_request

_DATA_BYTES = 64
_BUTTONS = 100
_COPIED_CHARACTERS = 256
_OTHER_PURPOSES = (
    "callback_game",
    "copy_text",
    "disabled",
    "login_url",
    "pay",
    "switch_inline_query",
    "switch_inline_query_chosen_chat",
    "switch_inline_query_current_chat",
    "web_app",
)
_INVITATIONS = ("keyboard", "remove_keyboard", "force_reply")


def reply_markup(params: Params) -> dict[str, Any] | None:
    """Return the keyboard of a call as the message will carry it; None if there is none.

    Raises:
        Refusal: it makes no sense.
    """
    markup = params.nested("reply_markup", "reply keyboard markup")
    if not markup:
        return None
    if not isinstance(markup, dict):
        raise bad_request("Object expected as reply markup")
    rows = markup.get("inline_keyboard")
    if not rows:
        return {"other": markup} if any(markup.get(name) for name in _INVITATIONS) else None
    return {"inline_keyboard": _rows(rows)}


def inline_markup(params: Params) -> dict[str, Any] | None:
    """Return the keyboard of a call whose message can only carry an inline one."""
    markup = reply_markup(params)
    if markup is not None and "inline_keyboard" not in markup:
        raise bad_request("Inline keyboard expected")
    return markup


def _rows(rows: Any) -> list[list[dict[str, Any]]]:
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request('Field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays')
    checked = [[_button(button) for button in row] for row in rows if row]
    if sum(map(len, checked)) > _BUTTONS:
        raise bad_request("reply markup is too long")
    return checked


def _button(button: Any) -> dict[str, Any]:
    if not isinstance(button, dict):
        raise _unreadable("InlineKeyboardButton must be an Object")
    if "text" not in button:
        raise _unreadable('Can\'t find field "text"')
    if not isinstance(button["text"], str):
        raise _unreadable('Field "text" must be of type String')
    if not button["text"].strip():
        raise bad_request("Inline keyboard button text must be non-empty")
    return _with_purpose(button)


def _with_purpose(button: dict[str, Any]) -> dict[str, Any]:
    if url := button.get("url"):
        return {**button, "url": checked_url(url, what="Inline keyboard button")}
    if data := button.get("callback_data"):
        if len(str(data).encode()) > _DATA_BYTES:
            raise bad_request("BUTTON_DATA_INVALID")
        return button
    if not any(name in button for name in _OTHER_PURPOSES):
        raise _unreadable("Text buttons are unallowed in the inline keyboard")
    if len((button.get("copy_text") or {}).get("text", "")) > _COPIED_CHARACTERS:
        raise bad_request("BUTTON_COPY_TEXT_INVALID")
    return button


def _unreadable(reason: str) -> Refusal:
    return bad_request(f"Can't parse inline keyboard button: {reason}")
