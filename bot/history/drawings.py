"""Drawings in Redis: one key each, so that a restart resumes the wait and nothing is ordered twice.

A picture itself lies here only where nobody else keeps it as it was drawn, and for an hour once it was shown.
"""

import base64
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any

import structlog
from pydantic import TypeAdapter, ValidationError
from redis.asyncio import Redis

from bot.store import key_prefix, store_errors
from bot.types import Drawing, Picture

log = structlog.get_logger(__name__)

_DAY_S = 86_400
_PICTURE_S = 12 * 3600
"""As long as the service keeps the picture of an operation."""
_SHOWN_PICTURE_S = 3600
"""A megabyte for each picture; whoever wants it as a file asks soon."""
_DRAWING = TypeAdapter(Drawing)


class RedisDrawings:
    """The port `Drawings`: every method raises `StoreError` if Redis is away."""

    def __init__(self, redis: Redis, bot_id: int, retention_days: int) -> None:
        self._ask: Callable[..., Awaitable[Any]] = redis.execute_command
        self._prefix = key_prefix(bot_id)
        self._retention_s = retention_days * _DAY_S

    async def find(self, drawing_id: str) -> Drawing | None:
        """Return it; None if it is not known, or cannot be read."""
        with store_errors():
            raw = await self._ask("GET", self._key(drawing_id))
        if raw is None:
            return None
        try:
            return _DRAWING.validate_json(raw)
        except ValidationError as error:
            log.warning("corrupt drawing skipped", mistakes=error.error_count())
            return None

    async def keep(self, drawing: Drawing, picture: Picture | None = None) -> None:
        """Remember it; the picture first, so that whoever reads that it is there finds it."""
        with store_errors():
            if picture:
                said = json.dumps([picture.mime_type, base64.b64encode(picture.data).decode()])
                await self._ask("SET", self._picture_key(drawing.id), said, "EX", _PICTURE_S)
            text = json.dumps(asdict(drawing), ensure_ascii=False).encode(errors="replace")
            await self._ask("SET", self._key(drawing.id), text, "EX", self._retention_s)
            if drawing.photo_id:
                await self._ask("EXPIRE", self._picture_key(drawing.id), _SHOWN_PICTURE_S)

    async def picture(self, drawing_id: str) -> Picture | None:
        """Return the picture that was kept; None: there is none, or not any more."""
        with store_errors():
            raw = await self._ask("GET", self._picture_key(drawing_id))
        if raw is None:
            return None
        mime_type, data = json.loads(raw)
        return Picture(base64.b64decode(data), mime_type)

    def _key(self, drawing_id: str) -> str:
        return f"{self._prefix}:drawing:{drawing_id}"

    def _picture_key(self, drawing_id: str) -> str:
        return f"{self._prefix}:picture:{drawing_id}"
