"""Writing a stream the way a fault demands: framed differently, broken off, or silent."""

import asyncio
import json
from typing import Any

from aiohttp import web

from bot.sandbox.models.faults import Cut, Fault, Hang, LateError, Reframe
from bot.sandbox.models.refusals import streamed_error

_DRIBBLE_S = 0.02


class Pen:
    """Writes the lines of one answer; headers go out with the first of them."""

    def __init__(self, request: web.Request, content_type: str, fault: Fault | None) -> None:
        self._request = request
        self._fault = fault
        self._framing = fault if isinstance(fault, Reframe) else Reframe()
        self._waiting: list[bytes] = []
        self.response = web.StreamResponse(headers={"Content-Type": content_type})

    async def write(self, line: dict[str, Any]) -> None:
        """Write a line, or keep it until enough lie together."""
        said = {"result": line} if self._framing.is_wrapped else line
        await self._put(json.dumps(said, ensure_ascii=False).encode())

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
                await self._cut(json.dumps({"result": line}).encode(), is_clean=is_clean)
            case LateError(after_pieces, status, message) if after_pieces == piece:
                await self._put(json.dumps(streamed_error(status, message)).encode())
                await self.response.write_eof()
            case _:
                return False
        return True

    async def _hang(self, *, is_dribbling: bool) -> None:
        """Wait until the client goes away, which cancels the handler."""
        while True:
            await asyncio.sleep(_DRIBBLE_S)
            if is_dribbling:
                self._waiting.append(b"\n")
                await self._flush()

    async def _cut(self, line: bytes, *, is_clean: bool) -> None:
        if is_clean:
            await self.finish()
            return
        self._waiting.append(line[: len(line) // 2])
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
