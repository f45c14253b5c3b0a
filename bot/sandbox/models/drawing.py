"""Pictures of the stand-in: hills under a sun, which depend on words and seed, with the words written below.

The same words, seed and size give the same bytes.
"""

import hashlib
import io
import random
import textwrap
from colorsys import hls_to_rgb
from typing import TypeAlias

from PIL import Image, ImageDraw, ImageOps

from bot.sandbox.models.lettering import in_latin, lettering

_QUALITY = 85
_HILLS = 4
_LETTERS_IN_LINE = 44
_LINES = 5
_AREA = 1024 * 1024
_STEP = 16
_STEEPEST = 4.0
_MARK = "stand-in"

Colour: TypeAlias = tuple[int, int, int]


def picture(words: str, seed: int, size: tuple[int, int]) -> bytes:
    """Return a JPEG of so many pixels in width and height."""
    digest = hashlib.sha256(f"{seed}\n{words}".encode(errors="replace")).digest()
    dice = random.Random(digest)  # noqa: S311 - a drawing, not a secret
    hue = dice.random()
    image = _sky(size, hue)
    draw = ImageDraw.Draw(image)
    _sun(draw, size, dice, hue)
    for hill in range(_HILLS):
        _hill(draw, size, dice, (hue, hill))
    _write(draw, size, f"{words}\n{_MARK}, {seed}")
    written = io.BytesIO()
    image.save(written, "JPEG", quality=_QUALITY)
    return written.getvalue()


def size_of(width_ratio: int, height_ratio: int) -> tuple[int, int]:
    """Return a width and a height that make about a megapixel; nothing is longer than four times its width."""
    ratio = min(max(width_ratio / height_ratio, 1 / _STEEPEST), _STEEPEST)
    width = (_AREA * ratio) ** 0.5
    return _rounded(width), _rounded(width / ratio)


def _rounded(length: float) -> int:
    return max(_STEP, round(length / _STEP) * _STEP)


def _sky(size: tuple[int, int], hue: float) -> Image.Image:
    gradient = Image.linear_gradient("L").resize(size)
    return ImageOps.colorize(gradient, _colour(hue, 0.35), _colour(hue + 0.12, 0.85))


def _sun(draw: ImageDraw.ImageDraw, size: tuple[int, int], dice: random.Random, hue: float) -> None:
    radius = min(size) * dice.uniform(0.08, 0.2)
    x, y = size[0] * dice.uniform(0.2, 0.8), size[1] * dice.uniform(0.15, 0.45)
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=_colour(hue + 0.5, 0.7))


def _hill(
    draw: ImageDraw.ImageDraw, size: tuple[int, int], dice: random.Random, shade: tuple[float, int]
) -> None:
    """Draw a ridge from the left to the right; the later ones stand nearer and are darker."""
    (width, height), (hue, number) = size, shade
    level = height * (0.45 + 0.12 * number)
    ridge = [(width * step / 6, level + height * dice.uniform(-0.07, 0.07)) for step in range(7)]
    colour = _colour(hue + 0.05 * number, 0.5 - 0.09 * number)
    draw.polygon([(0.0, float(height)), *ridge, (float(width), float(height))], fill=colour)


def _write(draw: ImageDraw.ImageDraw, size: tuple[int, int], text: str) -> None:
    letter_px = max(8, size[0] // 26)
    font, knows_cyrillic = lettering(letter_px)
    *words, mark = text.splitlines()
    lines = [line for part in words for line in textwrap.wrap(part, _LETTERS_IN_LINE)]
    shown = "\n".join([*lines[:_LINES], mark])
    bottom = (size[0] // 24, size[1] - size[1] // 40)
    fitting = shown if knows_cyrillic else in_latin(shown)
    draw.multiline_text(bottom, fitting, font=font, fill="white", anchor="ld")


def _colour(hue: float, lightness: float) -> Colour:
    red, green, blue = (round(255 * part) for part in hls_to_rgb(hue % 1, lightness, 0.45))
    return red, green, blue
