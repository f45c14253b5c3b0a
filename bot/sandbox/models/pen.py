"""Writing an answer the way a fault demands: framed differently, broken off, or silent."""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from bot.sandbox.models.faults import Cut, Embellish, Hang, LateError, Mishap, Reframe
from bot.sandbox.models.refusals import sent_error, streamed_error

_DRIBBLE_S = 0.02
_LINES = Reframe()


@dataclass(frozen=True, slots=True)
class Manner:
    """How a method writes when nothing goes wrong."""

    content_type: str = "application/json"
    framing: Reframe = _LINES
    late_error: Callable[[int, str], dict[str, Any]] = streamed_error


EVENTS = Manner(
    "text/event-stream", Reframe(b"data: ", b"\n\n", is_wrapped=False, is_done_told=True), sent_error
)
"""Server-sent events, as the OpenAI-compatible chat writes them."""
OBJECT = Manner(framing=Reframe(is_wrapped=False))
"""One object and a line's end."""


class Pen:
    """Writes the lines of one answer; headers go out with the first of them."""

    def __init__(self, request: web.Request, manner: Manner, fault: Mishap | None) -> None:
        self._request = request
        self._fault = fault
        self._late_error = manner.late_error
        self._framing = fault if isinstance(fault, Reframe) else manner.framing
        self._waiting: list[bytes] = []
        self.response = web.StreamResponse(headers={"Content-Type": manner.content_type})

    async def write(self, line: dict[str, Any]) -> None:
        """Write a line, or keep it until enough lie together."""
        await self._put(self._written(line))

    async def finish(self) -> None:
        """Write what was kept and end the body."""
        if self._framing.is_done_told:
            self._waiting.append(self._framing.prefix + b"[DONE]" + self._framing.newline)
        await self._flush()
        await self.response.write_eof()

    async def breaks_off(self, piece: int, line: dict[str, Any]) -> bool:
        """Do what the fault demands before this piece, counted from 0; True: the answer ends here."""
        match self._fault:
            case Hang(after_pieces, is_dribbling) if after_pieces == piece:
                await self._hang(is_dribbling=is_dribbling)
            case Cut(after_pieces, is_clean) if after_pieces == piece:
                await self._cut(self._written(line), is_clean=is_clean)
            case LateError(after_pieces, status, message) if after_pieces == piece:
                await self._put(json.dumps(self._late_error(status, message)).encode())
                await self._flush()
                await self.response.write_eof()
            case _:
                return False
        return True

    def _written(self, line: dict[str, Any]) -> bytes:
        if isinstance(self._fault, Embellish):
            line = _embellished(line, self._fault.fields)
        said = {"result": line} if self._framing.is_wrapped else line
        return json.dumps(said, ensure_ascii=False).encode()

    async def _hang(self, *, is_dribbling: bool) -> None:
        """Wait until the client goes away, which cancels the handler."""
        while True:
            await asyncio.sleep(_DRIBBLE_S)
            if is_dribbling:
                self._waiting.append(b"\n")
                await self._flush()

    async def _cut(self, line: bytes, *, is_clean: bool) -> None:
        if is_clean:
            await self._flush()
            await self.response.write_eof()
            return
        self._waiting.append(self._framing.prefix + line[: len(line) // 2])
        await self._flush()
        self._request.protocol.force_close()

    async def _put(self, line: bytes) -> None:
        self._waiting.append(self._framing.prefix + line + self._framing.newline)
        if len(self._waiting) >= self._framing.lines_per_write:
            await self._flush()

    async def _flush(self) -> None:
        lump = b"".join(self._waiting)
        self._waiting.clear()
        if not self.response.prepared:
            await self.response.prepare(self._request)
        step = self._framing.bytes_per_write
        for start in range(0, len(lump), step):
            await self.response.write(lump[start : start + step])


def _embellished(said: Any, more: Mapping[str, Any]) -> Any:
    """Return the same with more fields in every object."""
    if isinstance(said, dict):
        return {name: _embellished(value, more) for name, value in said.items()} | dict(more)
    return [_embellished(value, more) for value in said] if isinstance(said, list) else said
