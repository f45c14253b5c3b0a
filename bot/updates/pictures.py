"""Which pictures a message shows, and the ids by which they are known.

Such an id is the file's own, a colon, and the one by which Telegram gives the file out. The second differs from
update to update, even for the very same picture, so only the first tells whether a picture is another one.

Source: https://core.telegram.org/bots/api#photosize
"""

from aiogram.types import Document, ExternalReplyInfo, Message, PhotoSize

from bot.updates.files import MOST_BYTES
from bot.updates.quoting import replied_message

USEFUL_PX = 1280
"""The longer side of the size that is taken, or of the next larger one.

Telegram makes a size of so many pixels of every larger photo, and models see hardly more in a finer one.
"""
READABLE = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"})
"""The types of files that are pictures to us."""


def photos_of(message: Message | ExternalReplyInfo) -> tuple[str, ...]:
    """Return the picture that a message shows by itself, perhaps sent as a file; there may be none."""
    sizes = message.photo or (message.live_photo.photo if message.live_photo else None)
    if sizes:
        return (_id(_best(sizes)),)
    return (_id(message.document),) if message.document and _is_picture(message.document) else ()


def photos_meant(message: Message) -> tuple[str, ...]:
    """Return the picture that a message replies to, and its own.

    Who selects words of a message means these words.
    """
    if message.quote and message.quote.is_manual:
        return photos_of(message)
    replied = replied_message(message) or message.external_reply
    return (*(photos_of(replied) if replied else ()), *photos_of(message))


def is_readable(message: Message) -> bool:
    """Whether there is anything in it that a model can read; the rest gets a sentence instead of an answer."""
    return bool(message.text or photos_of(message))


def photos_after(changed: Message, before: tuple[str, ...]) -> tuple[str, ...]:
    """Return the pictures of a part of a question whose message was changed: the same, if its own still is."""
    known = set(map(unique_id, before))
    return before if known.issuperset(map(unique_id, photos_of(changed))) else photos_meant(changed)


def unique_id(photo_id: str) -> str:
    """Return what tells a picture from others."""
    return photo_id.partition(":")[0]


def file_id(photo_id: str) -> str:
    """Return what Telegram is asked for."""
    return photo_id.partition(":")[2]


def _id(file: PhotoSize | Document) -> str:
    return f"{file.file_unique_id}:{file.file_id}"


def _best(sizes: list[PhotoSize]) -> PhotoSize:
    useful = [size for size in sizes if _longest_px(size) >= USEFUL_PX]
    return min(useful, key=_longest_px) if useful else max(sizes, key=_longest_px)


def _longest_px(size: PhotoSize) -> int:
    return max(size.width, size.height)


def _is_picture(document: Document) -> bool:
    return document.mime_type in READABLE and (document.file_size or 0) <= MOST_BYTES
