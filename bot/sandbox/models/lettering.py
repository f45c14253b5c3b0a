"""Letters for pictures: a usual font if the system has one, else one that knows Latin letters only."""

from functools import cache

from PIL import ImageFont

_FONTS = ("DejaVuSans.ttf", "LiberationSans-Regular.ttf", "NotoSans-Regular.ttf", "Arial.ttf", "arial.ttf")
_LATIN = dict(zip("абвгдезийклмнопрстуфыэ", "abvgdeziyklmnoprstufye", strict=True)) | {
    "ё": "yo",
    "ж": "zh",
    "х": "kh",
    "ц": "ts",
    "ч": "ch",
    "ш": "sh",
    "щ": "shch",
    "ъ": "",
    "ь": "",
    "ю": "yu",
    "я": "ya",
}
_IN_LATIN = str.maketrans(_LATIN | {letter.upper(): latin.capitalize() for letter, latin in _LATIN.items()})

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


@cache
def lettering(size_px: int) -> tuple[Font, bool]:
    """Return a font, and whether it knows Cyrillic."""
    for name in _FONTS:
        try:
            return ImageFont.truetype(name, size_px), True
        except OSError:
            continue
    return ImageFont.load_default(size_px), False


def in_latin(text: str) -> str:
    """Return the text with Latin letters in the place of Russian ones."""
    return text.translate(_IN_LATIN)
