"""Photos and documents that a call of the bot shows: uploaded or known by their id, each with its caption.

Source: tdlib/telegram-bot-api, `get_input_media`, for the texts; where Telegram's own servers decide, what
their users report.
"""

from dataclasses import dataclass
from typing import Any

from bot.sandbox.telegram.files import Files
from bot.sandbox.telegram.formatted import CAPTION_LENGTH, FormattedText, given_text, kept_text
from bot.sandbox.telegram.params import Params, Upload
from bot.sandbox.telegram.photos import check_weight
from bot.sandbox.telegram.refusals import Refusal, bad_request

KINDS = frozenset({"photo", "document"})
"""The kinds of media that this server knows, by the field of a message that shows them."""
CAPTION = frozenset({"caption", "caption_entities", "show_caption_above_media"})
"""The fields of a message for what is written below its media."""

_ALBUM = 10


@dataclass(frozen=True, slots=True)
class Media:
    """A photo or a document as a call gives it."""

    kind: str
    """`photo` or `document`."""
    source: Upload | str
    """The file itself, or the id of one that was sent before."""
    caption: FormattedText
    marks: dict[str, Any]
    """The fields of a message for how it is shown."""

    def file_fields(self, files: Files) -> dict[str, Any]:
        """Keep the file; return the fields of a message that show it.

        Raises:
            Refusal: it is not what it should be.
        """
        if isinstance(self.source, str):
            return {**files.again(self.kind, self.source), **self.marks}
        return {**files.keep(self.kind, self.source), **self.marks}

    def caption_fields(self) -> dict[str, Any]:
        """Return the fields of a message for the caption.

        Raises:
            Refusal: it is too long, or its entities do not fit it.
        """
        return caption_fields(self.caption)


def caption_fields(given: FormattedText) -> dict[str, Any]:
    """Return the fields of a message for a caption, which may be empty.

    Raises:
        Refusal: it is too long, or its entities do not fit it.
    """
    caption = kept_text(given)
    if len(caption.text) > CAPTION_LENGTH:
        raise bad_request("message caption is too long")
    return caption.as_fields("caption_")


def given_caption(params: Params) -> FormattedText:
    """Read the caption of a call, or of one of the media in it."""
    return given_text(params, "caption", "caption_entities")


def is_above(params: Params) -> dict[str, Any]:
    """Return the field of a message for a caption that stands above its media."""
    return {"show_caption_above_media": True} if params.flag("show_caption_above_media") else {}


def given_media(params: Params, kind: str) -> Media:
    """Read what `sendPhoto` or `sendDocument` shows.

    Raises:
        Refusal: there is nothing.
    """
    return _media(params, kind, kind, f"there is no {kind} in the request")


def input_media(params: Params) -> Media:
    """Read the `InputMedia` of an edit.

    Raises:
        Refusal: it is none, or of a kind that this server does not know.
    """
    return _input_media(params.nested("media", "InputMedia"), params)


def album(params: Params) -> list[Media]:
    """Read the `InputMedia` of an album.

    Raises:
        Refusal: one of them is none, or of a kind that this server does not know.
    """
    given = params.nested("media", "InputMedia")
    if given is None:
        raise bad_request('parameter "media" is required')
    if not isinstance(given, list):
        raise bad_request("expected an Array of InputMedia")
    return [_input_media(item, params) for item in given]


def check_album(items: list[Media]) -> None:
    """Check that these can be shown together.

    Raises:
        Refusal: none, too many, or of more than one kind.
    """
    if not items:
        raise bad_request("there are no messages to send")
    if len(items) > _ALBUM:
        raise bad_request("too many messages to send as an album")
    if len({item.kind for item in items}) > 1:
        raise bad_request("document can't be mixed with other media types")


def _input_media(item: Any, params: Params) -> Media:
    if item is None:
        raise bad_request('parameter "media" is required')
    if not isinstance(item, dict):
        raise _unreadable("expected an Object")
    if "type" not in item:
        raise _unreadable('Can\'t find field "type"')
    kind = str(item["type"])
    if kind not in KINDS:
        raise _unreadable(f'type "{kind}" is unsupported')
    return _media(Params(item, params.uploads), kind, "media", "can't parse InputMedia: media not found")


def _unreadable(reason: str) -> Refusal:
    return bad_request(f"can't parse InputMedia: {reason}")


def _media(params: Params, kind: str, field: str, missing: str) -> Media:
    upload, named = params.upload(field), params.text(field)
    if upload is None and (not named or named.startswith("attach://")):
        raise bad_request(missing)
    if upload is not None and not upload.content:
        raise bad_request("file must be non-empty")
    if upload is not None and kind == "photo":
        check_weight(upload.content)
    return Media(kind, upload or named, given_caption(params), _marks(params, kind))


def _marks(params: Params, kind: str) -> dict[str, Any]:
    if kind != "photo":
        return {}
    return {**({"has_media_spoiler": True} if params.flag("has_spoiler") else {}), **is_above(params)}
