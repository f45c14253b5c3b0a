import zlib
from io import BytesIO
from pathlib import Path
from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from bot.types import Picture
from bot.updates.scaling import Scale, readable
from tests.tools.photos import picture, sides

SMALL = Scale(longest_px=100, most_bytes=10_000)
ON_ITS_SIDE, SECRET = 6, "Anna's camera"


def exif(orientation: int = 1) -> Image.Exif:
    """What a camera notes: which way is up, and whose it is."""
    notes = Image.Exif()
    notes[0x0112], notes[0x010F] = orientation, SECRET
    return notes


def opened(found: Picture | None) -> Image.Image:
    assert found is not None
    return Image.open(BytesIO(found.data))


def a_png_of(width: int, height: int) -> bytes:
    """A PNG that claims to be that large, in a hundred bytes."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return pack(">I", len(content)) + kind + content + pack(">I", zlib.crc32(kind + content))

    header = pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("kind", "mime_type"), [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp")]
)
def test_a_small_picture_passes_byte_for_byte(kind: str, mime_type: str) -> None:
    data = picture(100, 60, kind=kind)

    assert readable(data, SMALL) == Picture(data, mime_type)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_large_picture_is_scaled_down_to_a_jpeg(kind: str) -> None:
    found = readable(picture(400, 1000, kind=kind), SMALL)

    with opened(found) as image:
        assert (image.format, image.size, image.mode) == ("JPEG", (40, 100), "RGB")
    assert found is not None
    assert found.mime_type == "image/jpeg"


def test_a_heavy_picture_is_written_anew_in_its_size() -> None:
    noise = Image.effect_noise((100, 100), 200)
    file = BytesIO()
    noise.save(file, "PNG")

    found = readable(file.getvalue(), Scale(longest_px=100, most_bytes=5000))

    assert found is not None
    assert (found.mime_type, sides(found.data)) == ("image/jpeg", (100, 100))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("width", [80, 800])
def test_a_picture_is_turned_upright_and_loses_what_its_camera_noted(kind: str, width: int) -> None:
    data = picture(width, width // 2, kind=kind, exif=exif(ON_ITS_SIDE))
    assert SECRET.encode() in data

    found = readable(data, SMALL)

    with opened(found) as image:
        assert image.height == 2 * image.width
        assert not image.getexif()
    assert found is not None
    assert SECRET.encode() not in found.data


def test_a_comment_in_a_large_picture_is_left_out() -> None:
    found = readable(picture(400, 300, comment=SECRET), SMALL)

    assert found is not None
    assert SECRET.encode() not in found.data


def test_of_a_picture_that_moves_the_first_frame_is_kept() -> None:
    frames = [Image.new("RGB", (50, 50), colour) for colour in ("red", "blue", "green")]
    file = BytesIO()
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:])

    with opened(readable(file.getvalue(), SMALL)) as image:
        red, green, blue = image.resize((1, 1)).tobytes()
        assert (image.format, red > 240, green < 20, blue < 20) == ("JPEG", True, True, True)


def test_of_several_pictures_in_one_file_the_first_is_kept() -> None:
    first, second = Image.new("RGB", (50, 40), "red"), Image.new("RGB", (30, 30), "blue")
    file = BytesIO()
    first.save(file, "MPO", save_all=True, append_images=[second])

    with opened(readable(file.getvalue(), SMALL)) as image:
        assert (image.format, image.size) == ("JPEG", (50, 40))


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_what_is_transparent_becomes_white(mode: str) -> None:
    file = BytesIO()
    Image.new("RGBA", (400, 400), (0, 0, 0, 0)).convert(mode).save(
        file, "PNG", **({"transparency": 0} if mode == "P" else {})
    )

    with opened(readable(file.getvalue(), SMALL)) as image:
        assert image.resize((1, 1)).tobytes() == b"\xff\xff\xff"


def test_colours_for_printing_become_those_of_screens() -> None:
    file = BytesIO()
    Image.new("CMYK", (50, 50)).save(file, "JPEG")

    with opened(readable(file.getvalue(), SMALL)) as image:
        assert image.mode == "RGB"


@pytest.mark.parametrize(("width", "height"), [(8_000, 5_000), (12_000, 9_000), (60_000, 60_000)])
def test_a_picture_that_would_take_too_much_memory_is_not_opened(width: int, height: int) -> None:
    assert readable(a_png_of(width, height), SMALL) is None


def test_a_photo_of_fifty_million_pixels_is_opened() -> None:
    found = readable(picture(8160, 6144), Scale())

    assert found is not None
    assert sides(found.data) == (1536, 1157)


@pytest.mark.parametrize(
    "data",
    [b"", b"hello", Path(__file__).read_bytes(), picture(50, 50)[:-200], picture(500, 500, kind="PNG")[:-200]],
    ids=["nothing", "a text", "a file", "half a photo", "half a picture"],
)
def test_what_is_no_picture_or_a_broken_one_is_none(data: bytes) -> None:
    assert readable(data, SMALL) is None


@pytest.mark.parametrize("kind", ["BMP", "TIFF", "PPM", "ICO"])
def test_kinds_that_nobody_sends_are_not_even_tried(kind: str) -> None:
    assert readable(picture(50, 50, kind=kind), SMALL) is None


@given(
    st.sampled_from(["JPEG", "PNG", "WEBP", "GIF"]),
    st.lists(st.tuples(st.integers(0), st.integers(0, 255)), min_size=1),
)
def test_whatever_is_broken_in_a_file_nothing_is_raised(kind: str, damage: list[tuple[int, int]]) -> None:
    data = bytearray(picture(150, 50, kind=kind))
    for place, byte in damage:
        data[place % len(data)] = byte

    found = readable(bytes(data), SMALL)

    assert found is None or max(sides(found.data)) <= SMALL.longest_px
