"""What the stand-in sees of pictures: how large they are and in which form they came."""

import base64
import io
import re
from dataclasses import dataclass

from PIL import Image

from bot.sandbox.models.rules import Unacceptable

_DATA_URL = re.compile(r"data:(?P<mime>[\w/+.-]+);base64,(?P<data>.*)", re.DOTALL)
_UNDECODABLE = (OSError, ValueError, SyntaxError, Image.DecompressionBombError)
"""What Pillow raises, depending on the form and on what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One picture."""

    width: int = 0
    height: int = 0
    format: str = ""
    """As its bytes say, whatever was stated; empty: it was a link, which nobody follows."""
    size_bytes: int = 0


def seen(url: str, *, takes_links: bool) -> Seen:
    """Look at a picture that came as a data URL.

    Raises:
        Unacceptable: it cannot be seen; what the service says then is not known.
    """
    found = _DATA_URL.fullmatch(url)
    if found is None:
        if takes_links and url.startswith(("http://", "https://")):
            return Seen()
        raise Unacceptable(400, "image_url must be a data URL with base64")
    try:
        data = base64.b64decode(found["data"], validate=True)
        with Image.open(io.BytesIO(data)) as image:
            image.load()
            return Seen(image.width, image.height, image.format or "", len(data))
    except _UNDECODABLE as error:
        raise Unacceptable(400, "the image cannot be decoded") from error
