"""Pictures for tests: whole files of a format, as small as can be, each colour another picture."""

from io import BytesIO

from PIL import Image


def picture(width: int, height: int, *, kind: str = "JPEG", colour: str = "teal", **options: object) -> bytes:
    """Return a picture of one colour as a file; `options` are those of Pillow for this kind."""
    file = BytesIO()
    Image.new("RGB", (width, height), colour).save(file, kind, **options)
    return file.getvalue()


def sides(content: bytes) -> tuple[int, int]:
    """Return the width and height of a picture."""
    with Image.open(BytesIO(content)) as image:
        return image.size
