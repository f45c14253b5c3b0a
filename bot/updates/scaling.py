"""Pictures as models read them: no larger than useful, upright, without what cameras note of place and owner.

What is so already passes through byte for byte; anything else is written anew as a JPEG. Of a picture that
moves the first frame is kept.
"""

from dataclasses import dataclass
from io import BytesIO

import structlog
from PIL import Image, ImageOps
from PIL.JpegImagePlugin import JpegImageFile

from bot.types import Picture

log = structlog.get_logger(__name__)

_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
"""What may pass through."""
_OPENED = (*_TYPES, "GIF")
_MOST_PIXELS, _MOST_PIXELS_OF_JPEG = 32_000_000, 64_000_000
"""To open a picture takes up to eight bytes of memory for each; a JPEG is scaled while it is read."""
_PLAIN = frozenset({"1", "L", "LA", "P", "RGB", "RGBA"})
"""How pixels are kept that every reader knows; cameras and scanners know others."""
_QUALITY = 85


@dataclass(frozen=True, slots=True)
class Scale:
    """What a picture may have without being written anew."""

    longest_px: int = 1536
    """Of the longer side."""
    most_bytes: int = 2_000_000


def readable(data: bytes, scale: Scale) -> Picture | None:
    """Return the picture in a file; None: there is none, or it would take too much memory. Takes its time."""
    try:
        with Image.open(BytesIO(data), formats=_OPENED) as image:
            is_jpeg = isinstance(image, JpegImageFile)
            if image.width * image.height > (_MOST_PIXELS_OF_JPEG if is_jpeg else _MOST_PIXELS):
                log.warning("picture not opened", error="too many pixels", size=image.size)
                return None
            return _as_it_is(image, data, scale) or _anew(image, scale)
    except Exception as error:  # noqa: BLE001 - a broken file makes Pillow raise whatever it likes
        log.warning("picture not opened", error=repr(error))
        return None


def _as_it_is(image: Image.Image, data: bytes, scale: Scale) -> Picture | None:
    """Return the file itself if there is nothing to be done; it is read to its end, for it may be broken."""
    mime_type = _TYPES.get(image.format or "")
    is_small = max(image.size) <= scale.longest_px and len(data) <= scale.most_bytes
    if mime_type is None or not is_small or image.mode not in _PLAIN or getattr(image, "is_animated", False):
        return None
    image.load()
    return None if {"exif", "xmp"} & image.info.keys() else Picture(data, mime_type)


def _anew(image: Image.Image, scale: Scale) -> Picture:
    if image.mode in {"1", "P"}:  # a palette cannot be scaled smoothly
        image = _opaque(image)
    image.thumbnail((scale.longest_px, scale.longest_px), Image.Resampling.LANCZOS)
    file = BytesIO()
    _opaque(ImageOps.exif_transpose(image)).save(file, "JPEG", quality=_QUALITY, comment=b"")
    return Picture(file.getvalue(), _TYPES["JPEG"])


def _opaque(image: Image.Image) -> Image.Image:
    """Return the picture on white, which is what people mostly see behind it."""
    if not image.has_transparency_data:
        return image.convert("RGB")
    page = Image.new("RGBA", image.size, "white")
    page.alpha_composite(image.convert("RGBA"))
    return page.convert("RGB")
