import pytest
from PIL import Image

from bot.sandbox.telegram.photos import check_weight, sizes_of
from bot.sandbox.telegram.refusals import Refusal
from tests.tools.photos import picture, sides


@pytest.mark.parametrize(("kind", "extension"), [("JPEG", "jpg"), ("PNG", "png"), ("WEBP", "webp")])
def test_a_small_picture_has_one_size_and_it_is_the_picture(kind: str, extension: str) -> None:
    content = picture(64, 48, kind=kind)

    (size,) = sizes_of(content)

    assert (size.width, size.height, size.extension, size.content) == (64, 48, extension, content)


def test_a_large_picture_has_many_sizes_and_the_last_is_the_picture() -> None:
    content = picture(1000, 500, kind="PNG")

    sizes = sizes_of(content)

    assert [(size.width, size.height) for size in sizes] == [(90, 45), (320, 160), (800, 400), (1000, 500)]
    assert [sides(size.content) for size in sizes] == [(size.width, size.height) for size in sizes]
    assert sizes[-1].content == content


def test_a_picture_that_lies_on_its_side_is_measured_upright() -> None:
    orientation = Image.Exif()
    orientation[0x0112] = 6
    content = picture(200, 100, exif=orientation)

    sizes = sizes_of(content)

    assert [(size.width, size.height) for size in sizes] == [(45, 90), (100, 200)]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "IMAGE_PROCESS_FAILED"),
        (b"hello", "IMAGE_PROCESS_FAILED"),
        (picture(9, 9, kind="GIF"), "IMAGE_PROCESS_FAILED"),
        (picture(64, 48)[:-20], "IMAGE_PROCESS_FAILED"),
        (picture(64, 48, kind="PNG")[:40], "IMAGE_PROCESS_FAILED"),
        (picture(9_000, 1_001, kind="PNG"), "PHOTO_INVALID_DIMENSIONS"),
        (picture(21, 1), "PHOTO_INVALID_DIMENSIONS"),
        (picture(10_000, 9_000, kind="PNG", compress_level=1), "PHOTO_INVALID_DIMENSIONS"),
    ],
)
def test_what_is_no_photo_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(Refusal, match=reason):
        sizes_of(content)


@pytest.mark.parametrize("size", [(9_000, 1_000), (20, 1)])
def test_a_photo_may_be_as_large_and_as_narrow_as_that(size: tuple[int, int]) -> None:
    assert sizes_of(picture(*size, kind="PNG"))


def test_a_photo_weighs_ten_megabytes_at_most() -> None:
    check_weight(bytes(10 << 20))

    with pytest.raises(Refusal, match="file of size 10485761 bytes is too big for a photo"):
        check_weight(bytes((10 << 20) + 1))
