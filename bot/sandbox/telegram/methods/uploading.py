"""Sending files and fetching them back."""

from typing import Any

from bot.sandbox.telegram.files import DOWNLOAD_BYTES, Stored, photo_size
from bot.sandbox.telegram.formatted import CAPTION_LENGTH, FormattedText, given_text, kept_text
from bot.sandbox.telegram.keyboard import reply_markup
from bot.sandbox.telegram.methods.sending import reply_parameters, send, shown_markup, spot_of
from bot.sandbox.telegram.params import Params
from bot.sandbox.telegram.refusals import bad_request
from bot.sandbox.telegram.rooms import Access
from bot.sandbox.telegram.state import State


def send_document(state: State, params: Params) -> dict[str, Any]:
    """Send any file."""
    stored = _stored(state, params, "document", "documents")
    names = {"file_name": stored.upload.name, "mime_type": stored.upload.mime_type}
    return _send_file(state, params, {"document": {**stored.as_file(), **names}})


def send_photo(state: State, params: Params) -> dict[str, Any]:
    """Send a picture."""
    stored = _stored(state, params, "photo", "photos")
    width, height = photo_size(stored.upload.content)
    return _send_file(state, params, {"photo": [{**stored.as_file(), "width": width, "height": height}]})


def _stored(state: State, params: Params, field: str, folder: str) -> Stored:
    upload = params.upload(field)
    if upload is not None:
        if not upload.content:
            raise bad_request("file must be non-empty")
        return state.files.store(upload, folder)
    if not params.text(field):
        raise bad_request(f"There is no {field} in the request")
    return state.files.by_id(params.text(field))


def _send_file(state: State, params: Params, content: dict[str, Any]) -> dict[str, Any]:
    given = given_text(params, "caption", "caption_entities")
    reply, markup = reply_parameters(params), reply_markup(params)
    room = state.rooms.find(params.text("chat_id"), Access.WRITE)
    spot = spot_of(room, params, reply)
    caption = _caption(given)
    state.flood.spend(room.chat_id)
    return send(state, room, {**content, **caption, **shown_markup(markup)}, spot)


def _caption(given: FormattedText) -> dict[str, Any]:
    caption = kept_text(given)
    if len(caption.text) > CAPTION_LENGTH:
        raise bad_request("message caption is too long")
    return caption.as_fields("caption_")


def get_file(state: State, params: Params) -> dict[str, Any]:
    """Tell where a file can be downloaded."""
    stored = state.files.by_id(params.text("file_id"))
    if len(stored.upload.content) > DOWNLOAD_BYTES:
        raise bad_request("file is too big")
    return {**stored.as_file(), "file_path": stored.path}


METHODS = {"sendDocument": send_document, "sendPhoto": send_photo, "getFile": get_file}
