"""Photos: which pictures Telegram takes as such, and in which sizes it shows them.

The largest size is the picture as it came, byte by byte; Telegram would make a JPEG of it, and its clients
scale a picture down before they send it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageOps

from bot.sandbox.telegram.refusals import Refusal, bad_request

PHOTO_BYTES = 10 << 20
_SIDES = 10_000
_RATIO = 20
_FORMATS = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}
"""What is a photo, and how its file is called; Telegram may take more."""
_BOXES = (1280, 800, 320, 90)
"""The longest sides of the sizes that are made of a larger picture."""


@dataclass(frozen=True, slots=True)
class Size:
    """A photo in one of its sizes."""

    width: int
    height: int
    extension: str
    content: bytes


def check_weight(content: bytes) -> None:
    """Check that a photo is not too large to be sent.

    Raises:
        Refusal: it is.
    """
    if len(content) > PHOTO_BYTES:
        raise bad_request(
            f"file of size {len(content)} bytes is too big for a photo; the maximum size is {PHOTO_BYTES} bytes"
        )


def sizes_of(content: bytes) -> list[Size]:
    """Return a photo in all its sizes, the smallest first; width and height are as a person sees it.

    Raises:
        Refusal: it is no whole JPEG, PNG or WebP, or a photo must not be that large or that narrow.
    """
    try:
        with Image.open(BytesIO(content), formats=tuple(_FORMATS)) as image:
            _check_sides(*image.size)
            upright = ImageOps.exif_transpose(image)
            original = Size(*upright.size, _FORMATS[image.format or ""], content)
    except (OSError, SyntaxError, ValueError) as error:
        raise bad_request("IMAGE_PROCESS_FAILED") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _wrong_sides() from error
    return [*reversed(list(_scaled(upright))), original]


def _check_sides(width: int, height: int) -> None:
    sides = (width, height)
    if sum(sides) > _SIDES or max(sides) > _RATIO * min(sides):
        raise _wrong_sides()


def _wrong_sides() -> Refusal:
    return bad_request("PHOTO_INVALID_DIMENSIONS")


def _scaled(image: Image.Image) -> Iterator[Size]:
    longest, image = max(image.size), image.convert("RGB")
    for box in _BOXES:
        if box < longest:
            image = ImageOps.contain(image, (box, box))
            jpeg = BytesIO()
            image.save(jpeg, "JPEG")
            yield Size(*image.size, "jpg", jpeg.getvalue())
