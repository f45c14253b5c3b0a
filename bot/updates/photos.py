"""The pictures that people sent, fetched from Telegram and made fit for a model.

Those of a moment ago are kept in memory, because each question that follows shows them again.
"""

import asyncio
from collections import OrderedDict

import structlog

from bot.types import Picture
from bot.updates.files import Files
from bot.updates.pictures import file_id, unique_id
from bot.updates.scaling import Scale, readable

log = structlog.get_logger(__name__)

_AT_ONCE = 2
"""How many are opened at a time: each may take a quarter of a gigabyte for a moment, and a processor."""


class TelegramPhotos:
    """The port `Photos`; `timeout_s` is for each, from Telegram's first answer to the last pixel."""

    def __init__(self, files: Files, scale: Scale, *, timeout_s: float, cache_bytes: int) -> None:
        self._files = files
        self._scale = scale
        self._timeout_s = timeout_s
        self._recent = _Recent(cache_bytes)
        self._tables = asyncio.Semaphore(_AT_ONCE)

    async def fetch(self, photo_id: str) -> Picture | None:
        """Return a picture as a model reads it, scaled down if need be; None: it cannot be had any more."""
        picture = self._recent.get(unique_id(photo_id))
        if picture is None:
            picture = await self._opened(photo_id)
            if picture is not None:
                self._recent.keep(unique_id(photo_id), picture)
        return picture

    async def _opened(self, photo_id: str) -> Picture | None:
        try:
            async with asyncio.timeout(self._timeout_s):
                data = await self._files.fetch(file_id(photo_id))
                if data is None:
                    return None
                async with self._tables:
                    return await asyncio.to_thread(readable, data, self._scale)
        except TimeoutError:
            log.warning("picture not opened in time", timeout_s=self._timeout_s)
            return None


class _Recent:
    """The pictures that were used last, up to so many bytes."""

    def __init__(self, most_bytes: int) -> None:
        self._left_bytes = most_bytes
        self._pictures: OrderedDict[str, Picture] = OrderedDict()

    def get(self, name: str) -> Picture | None:
        if name in self._pictures:
            self._pictures.move_to_end(name)
        return self._pictures.get(name)

    def keep(self, name: str, picture: Picture) -> None:
        known = self._pictures.pop(name, None)
        self._left_bytes += len(known.data) if known else 0
        self._pictures[name] = picture
        self._left_bytes -= len(picture.data)
        while self._left_bytes < 0:
            _, oldest = self._pictures.popitem(last=False)
            self._left_bytes += len(oldest.data)
