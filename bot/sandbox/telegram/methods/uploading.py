"""Sending photos, documents and albums, and fetching them back."""

from typing import Any

from bot.sandbox.telegram.files import DOWNLOAD_BYTES
from bot.sandbox.telegram.keyboard import reply_markup
from bot.sandbox.telegram.media import Media, album, check_album, given_media
from bot.sandbox.telegram.methods.sending import reply_parameters, send, shown_markup, spot_of
from bot.sandbox.telegram.params import Params
from bot.sandbox.telegram.refusals import Refusal, refused
from bot.sandbox.telegram.rooms import Access
from bot.sandbox.telegram.state import State


def send_photo(state: State, params: Params) -> dict[str, Any]:
    """Send a picture."""
    return _send_file(state, params, given_media(params, "photo"))


def send_document(state: State, params: Params) -> dict[str, Any]:
    """Send any file."""
    return _send_file(state, params, given_media(params, "document"))


def _send_file(state: State, params: Params, media: Media) -> dict[str, Any]:
    """Send a file; flood control counts it before it is looked at, because Telegram's servers do that."""
    reply, markup = reply_parameters(params), reply_markup(params)
    room = state.rooms.find(params.text("chat_id"), Access.WRITE)
    spot = spot_of(room, params, reply)
    caption = media.caption_fields()
    state.flood.spend(room.chat_id)
    return send(state, room, {**media.file_fields(state.files), **caption, **shown_markup(markup)}, spot)


def send_media_group(state: State, params: Params) -> list[dict[str, Any]]:
    """Send an album, all of it or nothing; each of its messages counts. One alone is no album."""
    reply = reply_parameters(params)
    items = album(params)
    room = state.rooms.find(params.text("chat_id"), Access.WRITE)
    spot = spot_of(room, params, reply)
    check_album(items)
    captions = [item.caption_fields() for item in items]
    for _ in items:
        state.flood.spend(room.chat_id)
    shown = [_numbered(state, item, number) for number, item in enumerate(items, 1)]
    together = {"media_group_id": state.next_album_id()} if len(items) > 1 else {}
    return [
        send(state, room, {**together, **fields, **caption}, spot)
        for fields, caption in zip(shown, captions, strict=True)
    ]


def _numbered(state: State, item: Media, number: int) -> dict[str, Any]:
    try:
        return item.file_fields(state.files)
    except Refusal as refusal:
        reason = refusal.description.partition(": ")[2]
        text = f'failed to send message #{number} with the error message "{reason}"'
        raise refused(refusal.code, text) from refusal


def get_file(state: State, params: Params) -> dict[str, Any]:
    """Tell where a file can be downloaded."""
    stored = state.files.by_id(params.text("file_id"))
    if len(stored.upload.content) > DOWNLOAD_BYTES:
        raise refused(400, "file is too big")
    return {**stored.as_file(), "file_path": stored.path}


METHODS = {
    "sendDocument": send_document,
    "sendPhoto": send_photo,
    "sendMediaGroup": send_media_group,
    "getFile": get_file,
}
