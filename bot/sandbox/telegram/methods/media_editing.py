"""Changing what a message shows besides text: its caption, its photo or document."""

from typing import Any

from bot.sandbox.telegram.keyboard import inline_markup
from bot.sandbox.telegram.media import CAPTION, KINDS, caption_fields, given_caption, input_media, is_above
from bot.sandbox.telegram.methods.editing import TEXT, changed, editable
from bot.sandbox.telegram.methods.sending import shown_markup
from bot.sandbox.telegram.params import Params
from bot.sandbox.telegram.refusals import bad_request
from bot.sandbox.telegram.rooms import Record
from bot.sandbox.telegram.state import State

_CONTENT = TEXT | CAPTION | KINDS | {"has_media_spoiler"}


def edit_message_caption(state: State, params: Params) -> dict[str, Any]:
    """Replace the caption, or take it away; a keyboard that is not given again goes."""
    given, markup = given_caption(params), inline_markup(params)
    room, record = editable(state, params)
    if not KINDS & record.message.keys():
        raise bad_request("there is no caption in the message to edit")
    caption = caption_fields(given)
    state.flood.spend(room.chat_id)
    return changed(state, room, record, {**caption, **is_above(params), **shown_markup(markup)}, CAPTION)


def edit_message_media(state: State, params: Params) -> dict[str, Any]:
    """Replace whatever the message shows, also a text, by a photo or a document."""
    media, markup = input_media(params), inline_markup(params)
    room, record = editable(state, params)
    _check_album(record, media.kind)
    caption = media.caption_fields()
    state.flood.spend(room.chat_id)
    shown = {**media.file_fields(state.files), **caption, **shown_markup(markup)}
    return changed(state, room, record, shown, _CONTENT)


def _check_album(record: Record, kind: str) -> None:
    if "media_group_id" in record.message and kind not in record.message:
        raise bad_request("can't change media type in the album")


METHODS = {"editMessageCaption": edit_message_caption, "editMessageMedia": edit_message_media}
