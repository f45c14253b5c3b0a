"""What Telegram takes for a photo: whatever it does not, goes as a file.

Source: https://core.telegram.org/bots/api#sendphoto (10 MB; width and height together 10000; at most 20 to 1).
"""

import io
from functools import cache
from typing import Any

from bot.types import Picture

_MOST_BYTES = 10 << 20
_MOST_PIXELS_ROUND = 10_000
_MOST_TO_ONE = 20
_SUFFIXES = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}


def is_photo(picture: Picture) -> bool:
    """Whether Telegram should take it as a photo; only its head is read."""
    try:
        with _pil().open(io.BytesIO(picture.data)) as image:
            width, height = image.size
    except (OSError, ValueError):
        return False
    fits = width + height <= _MOST_PIXELS_ROUND and max(width, height) <= _MOST_TO_ONE * min(width, height)
    return fits and len(picture.data) <= _MOST_BYTES


def file_name(picture: Picture) -> str:
    """Return how a picture is called as a file."""
    return f"picture.{_SUFFIXES.get(picture.mime_type, 'bin')}"


@cache
def _pil() -> Any:
    """Return the library, which takes a tenth of a second that bots without pictures do not spend."""
    from PIL import Image  # noqa: PLC0415 - for this reason

    return Image
