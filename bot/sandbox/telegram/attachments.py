"""What people send besides text: photos, albums and files, and what the bot hears of them."""

from collections.abc import Sequence
from typing import Any

from bot.sandbox.telegram.formatted import FormattedText
from bot.sandbox.telegram.media import caption_fields
from bot.sandbox.telegram.params import Upload
from bot.sandbox.telegram.people import ImpossibleError, Spot, send
from bot.sandbox.telegram.photos import check_weight
from bot.sandbox.telegram.refusals import Refusal
from bot.sandbox.telegram.state import State

_ALBUM = 10


def send_photos(
    state: State, chat_id: int, user_id: int, photos: Sequence[bytes], caption: str, spot: Spot
) -> list[dict[str, Any]]:
    """Send one photo, or several as an album: a message each, the caption below the first.

    Raises:
        ImpossibleError: one is no photo, there are too many, or that person cannot write there.
    """
    if not 1 <= len(photos) <= _ALBUM:
        raise ImpossibleError(f"nobody can send {len(photos)} photos together")
    shown = [_photo(state, photo) for photo in photos]
    together = {"media_group_id": state.next_album_id()} if len(photos) > 1 else {}
    captions = [_caption(caption), *({} for _ in photos[1:])]
    return [
        send(state, chat_id, user_id, {**together, **photo, **below}, spot)
        for photo, below in zip(shown, captions, strict=True)
    ]


def send_document(
    state: State, chat_id: int, user_id: int, upload: Upload, caption: str, spot: Spot
) -> dict[str, Any]:
    """Send a file of any kind.

    Raises:
        ImpossibleError: it is empty, or that person cannot write there.
    """
    if not upload.content:
        raise ImpossibleError("nobody can send an empty file")
    content = {**state.files.keep_document(upload), **_caption(caption)}
    return send(state, chat_id, user_id, content, spot)


def _photo(state: State, content: bytes) -> dict[str, Any]:
    try:
        check_weight(content)
        return state.files.keep_photo(Upload("photo", "", content))
    except Refusal as refusal:
        raise ImpossibleError(f"nobody can send that as a photo: {refusal}") from refusal


def _caption(caption: str) -> dict[str, Any]:
    try:
        return caption_fields(FormattedText(caption))
    except Refusal as refusal:
        raise ImpossibleError(f"nobody can write that below a photo: {refusal}") from refusal
