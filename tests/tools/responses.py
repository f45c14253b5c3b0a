"""HTTP responses made by hand, for what no server can be brought to say."""

from collections.abc import AsyncIterator, Iterable, Mapping

import httpx


class ScriptedResponses(httpx.AsyncBaseTransport):
    """Answers every request with the same status and chunks; a chunk that is an error is raised."""

    def __init__(
        self,
        chunks: Iterable[bytes | Exception] = (),
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
    def __init__(self, chunks: list[bytes | Exception]) -> None:
        self._chunks = chunks

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self._chunks:
            if isinstance(chunk, Exception):
                raise chunk
            yield chunk
