import asyncio
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.types import Picture
from bot.updates.photos import TelegramPhotos
from bot.updates.scaling import Scale
from tests.tools.photos import picture, sides

SMALL = {name: picture(50, 50, colour=name) for name in ("red", "green", "blue")}
BYTES = max(map(len, SMALL.values()))


class Shelf:
    """Files by their ids, handed out after a while."""

    def __init__(self, files: dict[str, bytes], delay_s: float = 0) -> None:
        self.files = files
        self.asked: list[str] = []
        self._delay_s = delay_s

    async def fetch(self, file_id: str) -> bytes | None:
        self.asked.append(file_id)
        await asyncio.sleep(self._delay_s)
        return self.files.get(file_id)


def photos_on(shelf: Any, *, cache_bytes: int = 1_000_000, timeout_s: float = 5) -> TelegramPhotos:
    return TelegramPhotos(shelf, Scale(longest_px=100), timeout_s=timeout_s, cache_bytes=cache_bytes)


async def test_a_small_photo_is_what_telegram_has() -> None:
    photos = photos_on(Shelf(SMALL))

    assert await photos.fetch("1:red") == Picture(SMALL["red"], "image/jpeg")


async def test_a_large_one_is_scaled_down() -> None:
    found = await photos_on(Shelf({"large": picture(400, 300)})).fetch("1:large")

    assert found is not None
    assert sides(found.data) == (100, 75)


async def test_a_photo_is_fetched_once_by_whatever_id_it_is_asked_for() -> None:
    shelf = Shelf({**SMALL, "again": b""})
    photos = photos_on(shelf)

    first = await photos.fetch("1:red")

    assert await photos.fetch("1:again") is first
    assert shelf.asked == ["red"]


async def test_those_that_were_used_longest_ago_are_forgotten_first() -> None:
    shelf = Shelf(SMALL)
    photos = photos_on(shelf, cache_bytes=2 * BYTES)

    for name in ("red", "green", "red", "blue", "red", "green"):
        await photos.fetch(f"{name}:{name}")

    assert shelf.asked == ["red", "green", "blue", "green"]


@pytest.mark.parametrize("cache_bytes", [0, BYTES // 2])
async def test_what_is_too_large_to_be_kept_is_fetched_each_time(cache_bytes: int) -> None:
    shelf = Shelf(SMALL)
    photos = photos_on(shelf, cache_bytes=cache_bytes)

    for _ in range(2):
        assert await photos.fetch("1:red")

    assert shelf.asked == ["red", "red"]


async def test_two_questions_about_one_photo_at_once_count_it_once() -> None:
    shelf = Shelf(SMALL, delay_s=0.01)
    photos = photos_on(shelf, cache_bytes=2 * BYTES)
    await asyncio.gather(*(photos.fetch("1:red") for _ in range(3)))

    await photos.fetch("2:green")
    await photos.fetch("1:red")

    assert shelf.asked == ["red", "red", "red", "green"]


@pytest.mark.parametrize("files", [{}, {"red": b"no picture"}], ids=["gone", "no picture"])
async def test_what_cannot_be_had_is_none_and_asked_for_again_the_next_time(files: dict[str, bytes]) -> None:
    shelf = Shelf(files)
    photos = photos_on(shelf)

    assert [await photos.fetch("1:red") for _ in range(2)] == [None, None]
    assert shelf.asked == ["red", "red"]


async def test_nothing_is_waited_for_longer_than_was_set() -> None:
    with capture_logs() as logs:
        assert await photos_on(Shelf(SMALL, delay_s=30), timeout_s=0.01).fetch("1:red") is None

    assert [line["event"] for line in logs] == ["picture not opened in time"]
