from typing import Any

import pytest

from bot.updates.pictures import file_id, is_readable, photos_after, photos_meant, photos_of, unique_id
from tests.tools.updates import GROUP, VOICE, a_message, parsed


def sizes(*sides: int, name: str = "photo") -> list[dict[str, Any]]:
    """A photo in sizes of so many pixels, each a little narrower than high."""
    return [
        {"file_id": f"id-{name}-{side}", "file_unique_id": f"{name}-{side}", "width": side - 1, "height": side}
        for side in sides
    ]


def a_file(mime_type: str, size_bytes: int = 1000) -> dict[str, Any]:
    return {"file_id": "id-file", "file_unique_id": "file", "mime_type": mime_type, "file_size": size_bytes}


THEIRS = a_message("look", chat=GROUP, photo=sizes(90, name="theirs"))
SELECTED = {"text": "look", "position": 0, "is_manual": True}
ELSEWHERE = {
    "origin": {"type": "hidden_user", "date": 1, "sender_user_name": "X"},
    "photo": sizes(90, name="far"),
}


@pytest.mark.parametrize(
    ("sides", "chosen"),
    [
        ((90, 320, 800, 1280), 1280),
        ((90, 320, 800, 1280, 2560), 1280),
        ((90, 320, 800, 2560), 2560),
        ((90, 320, 800), 800),
        ((90,), 90),
        ((2560, 1280, 90), 1280),
    ],
)
def test_of_a_photo_the_smallest_size_is_taken_that_is_large_enough(
    sides: tuple[int, ...], chosen: int
) -> None:
    message = parsed(a_message(None, photo=sizes(*sides)))

    assert photos_of(message) == (f"photo-{chosen}:id-photo-{chosen}",)


@pytest.mark.parametrize(
    ("shown", "photos"),
    [
        ({}, ()),
        ({"voice": VOICE}, ()),
        ({"document": a_file("image/png")}, ("file:id-file",)),
        ({"document": a_file("image/jpeg", 20 << 20)}, ("file:id-file",)),
        ({"document": a_file("image/jpeg", (20 << 20) + 1)}, ()),
        ({"document": a_file("image/heic")}, ()),
        ({"document": a_file("application/pdf")}, ()),
        ({"photo": sizes(90), "live_photo": {**VOICE, "width": 9, "height": 9}}, ("photo-90:id-photo-90",)),
    ],
    ids=["nothing", "a voice", "a file", "a large file", "too large", "unknown", "no picture", "a live photo"],
)
def test_what_is_a_picture(shown: dict[str, Any], photos: tuple[str, ...]) -> None:
    message = parsed(a_message(None, **shown))

    assert photos_of(message) == photos
    assert is_readable(message) is bool(photos)


@pytest.mark.parametrize(
    ("more", "names"),
    [
        ({}, ["photo-90"]),
        ({"reply_to_message": THEIRS}, ["theirs-90", "photo-90"]),
        ({"reply_to_message": THEIRS, "quote": SELECTED}, ["photo-90"]),
        ({"reply_to_message": a_message(), "photo": None}, []),
        ({"external_reply": ELSEWHERE}, ["far-90", "photo-90"]),
        ({"external_reply": {**ELSEWHERE, "photo": None}}, ["photo-90"]),
        (
            {"external_reply": {**ELSEWHERE, "photo": None, "document": a_file("image/png")}},
            ["file", "photo-90"],
        ),
    ],
    ids=[
        "alone",
        "a reply",
        "selected words",
        "a reply to a text",
        "another chat",
        "a text there",
        "a file there",
    ],
)
def test_a_picture_that_is_replied_to_is_meant_too(more: dict[str, Any], names: list[str]) -> None:
    message = parsed(a_message(None, **{"photo": sizes(90), **more}))

    assert [unique_id(photo) for photo in photos_meant(message)] == names


def test_a_text_can_be_read() -> None:
    assert is_readable(parsed(a_message("hello")))


BEFORE = ("theirs-90:id-1", "photo-90:id-2")


@pytest.mark.parametrize(
    ("changed", "after"),
    [
        (a_message("why?"), BEFORE),
        (a_message(None, photo=sizes(90)), BEFORE),
        (a_message(None, photo=sizes(90, name="new")), ("new-90:id-new-90",)),
        (
            a_message(None, photo=sizes(90, name="new"), reply_to_message=THEIRS),
            ("theirs-90:id-theirs-90", "new-90:id-new-90"),
        ),
    ],
    ids=["a text", "another id of the same", "another picture", "another picture in a reply"],
)
def test_a_change_keeps_the_pictures_unless_there_are_others(
    changed: dict[str, Any], after: tuple[str, ...]
) -> None:
    assert photos_after(parsed(changed), BEFORE) == after


def test_an_id_has_two_halves() -> None:
    assert (unique_id("AQAD:AgAC-x_y"), file_id("AQAD:AgAC-x_y")) == ("AQAD", "AgAC-x_y")
