"""Files that people sent, fetched from Telegram by their id.

Source: https://core.telegram.org/bots/api#getfile (a bot can download up to 20 MB).
"""

import asyncio
import math
from contextlib import aclosing

import aiohttp
import structlog
from aiogram import Bot
from aiogram.exceptions import AiogramError

log = structlog.get_logger(__name__)

MOST_BYTES = 20 << 20


class Files:
    """Downloads files; `timeout_s` is for each, from the first call to the last byte."""

    def __init__(self, bot: Bot, *, timeout_s: float) -> None:
        self._bot = bot
        self._timeout_s = timeout_s

    async def fetch(self, file_id: str, *, most_bytes: int = MOST_BYTES) -> bytes | None:
        """Return a file; None: it cannot be had now or any more, or it is larger than that."""
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._downloaded(file_id, most_bytes)
        except AiogramError as error:
            log.warning("file not fetched", error=str(error))
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            # Its words may hold the address, which holds the token.
            log.warning("file not fetched", error=type(error).__name__, status=getattr(error, "status", None))
        return None

    async def _downloaded(self, file_id: str, most_bytes: int) -> bytes | None:
        file = await self._bot.get_file(file_id)
        if not file.file_path or (file.file_size or 0) > most_bytes:
            log.warning("file not fetched", error="it is too large", size_bytes=file.file_size)
            return None
        session = self._bot.session
        url = session.api.file_url(self._bot.token, file.file_path)
        content = bytearray()
        async with aclosing(session.stream_content(url, timeout=math.ceil(self._timeout_s))) as chunks:
            async for chunk in chunks:
                content += chunk
                if len(content) > most_bytes:
                    log.warning("file not fetched", error="it is larger than was told")
                    return None
        return bytes(content)
