"""HTTP responses made by hand, for what no server can be brought to say."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass

import httpx


@dataclass(frozen=True)
class Pause:
    """A silence between two chunks."""

    length_s: float


class ScriptedResponses(httpx.AsyncBaseTransport):
    """Answers every request alike; a chunk that is an error is raised, one that is a pause waited for."""

    def __init__(
        self,
        chunks: Iterable[bytes | Exception | Pause] = (),
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        error: Exception | None = None,
    ) -> None:
        self.requests: list[httpx.Request] = []
        self._chunks = list(chunks)
        self._status = status
        self._headers = headers
        self._error = error

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Remember the request and answer it."""
        self.requests.append(request)
        if self._error is not None:
            raise self._error
        return httpx.Response(self._status, headers=self._headers, stream=_Chunks(self._chunks))


class _Chunks(httpx.AsyncByteStream):
    def __init__(self, chunks: list[bytes | Exception | Pause]) -> None:
        self._chunks = chunks

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self._chunks:
            if isinstance(chunk, Exception):
                raise chunk
            if isinstance(chunk, Pause):
                await asyncio.sleep(chunk.length_s)
            else:
                yield chunk
