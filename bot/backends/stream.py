"""Answers that grow over HTTP, in whatever dialect: one request, its limits, its errors, the end of its body.

A dialect says what is sent and reads the lines that come back; everything else about a stream is here, once.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, suppress
from typing import Protocol

import httpx

from bot.backends.failures import Refusal
from bot.backends.http import REQUEST_ID, amid_the_response, before_the_response, body_of_failure
from bot.backends.lines import Blocks
from bot.backends.patience import Patience, Rhythm, Stopwatch
from bot.errors import BackendError, ConnectionCut
from bot.types import Ask, Piece

_FAREWELL_S = 0.2
"""How long the end of the body is waited for after the last piece, so that the connection can be used again."""
_USAGE_S = 1.0
"""How long it is waited for what an answer has cost, when all of its text is there."""


class Asker(Protocol):
    """Who asks: what goes along with every request, and what no error may show."""

    async def headers(self) -> dict[str, str]:
        """Return the headers of one request, a `REQUEST_ID` among them. Raises `BackendError`."""
        ...

    def refuse(self, headers: dict[str, str]) -> bool:
        """Hear that these headers were answered with 401; return whether to try once more with others."""
        ...

    def redacted(self, text: str) -> str:
        """Return the text without any secret."""
        ...


class Reader(Protocol):
    """What makes pieces of the lines of one answer, and remembers what the next piece builds on."""

    @property
    def is_ending(self) -> bool:
        """Whether all of the text is there, and only what it has cost may still come."""
        ...

    @property
    def is_over(self) -> bool:
        """Whether the last piece has been returned."""
        ...

    @property
    def failure(self) -> Refusal | BackendError | None:
        """What broke the answer off; the piece that was returned together with it is still good."""
        ...

    def read(self, block: bytes) -> Piece | None:
        """Return the newest piece of lines that came together; None: they say nothing new."""
        ...

    def end(self) -> Piece | None:
        """Return the last piece, now that no line will come any more; None: the answer is not whole."""
        ...


class StreamedModel(ABC):
    """A `ModelBackend` over HTTP. The client belongs to whoever gave it."""

    def __init__(self, client: httpx.AsyncClient, asker: Asker, url: str, patience: Patience) -> None:
        self._client = client
        self._asker = asker
        self._url = url
        self._patience = patience

    @abstractmethod
    def _body(self, ask: Ask) -> bytes:
        """Return the body of the request, as JSON."""

    @abstractmethod
    def _reader(self) -> Reader:
        """Return a reader for one answer."""

    async def stream(self, ask: Ask) -> AsyncGenerator[Piece, None]:
        """Yield the growing answer, as the port promises.

        A piece with an ending may hold no text at all: a model may think until its tokens are used up.
        """
        with Stopwatch(self._patience, is_reasoning=ask.model.reasoning) as stopwatch:
            response = await stopwatch.limit(self._response(ask))
            async with aclosing(response):
                answer, rhythm = _Answer(response, self._reader(), self._asker), Rhythm(self._patience)
                while not answer.is_over:
                    piece = await stopwatch.limit(answer.next_piece())
                    stopwatch.piece_came()
                    yield piece
                    if not answer.is_over:
                        await rhythm.pause()
                await answer.say_farewell()

    async def _response(self, ask: Ask) -> httpx.Response:
        headers = await self._asker.headers()
        response = await self._sent(ask, headers)
        if response.status_code == httpx.codes.UNAUTHORIZED and self._asker.refuse(headers):
            await response.aclose()
            response = await self._sent(ask, await self._asker.headers())
        if response.status_code == httpx.codes.OK:
            return response
        body = await body_of_failure(response)
        refusal = Refusal.of_response(response.status_code, body, response.headers.get("Retry-After"))
        raise refusal.as_error(self._asker.redacted, _request_id(response))

    async def _sent(self, ask: Ask, headers: dict[str, str]) -> httpx.Response:
        with before_the_response():
            return await self._client.send(self._request(ask, headers), stream=True)

    def _request(self, ask: Ask, headers: dict[str, str]) -> httpx.Request:
        """Build the request. Silence is limited by the stopwatch, so httpx limits the connecting alone."""
        return self._client.build_request(
            "POST",
            self._url,
            content=self._body(ask),
            headers=headers | {"Content-Type": "application/json", "Accept-Encoding": "identity"},
            timeout=httpx.Timeout(None, connect=self._patience.connect_s),
        )


class _Answer:
    """One answer on its way."""

    def __init__(self, response: httpx.Response, reader: Reader, asker: Asker) -> None:
        self._blocks = _blocks(response)
        self._request_id = _request_id(response)
        self._reader = reader
        self._asker = asker

    @property
    def is_over(self) -> bool:
        """Whether the last piece has come."""
        return self._reader.is_over

    async def next_piece(self) -> Piece:
        """Wait for text that is new, or for the end.

        Raises:
            BackendError: the service, or the connection, broke the answer off.
        """
        while self._reader.failure is None:
            block = await (self._last_block() if self._reader.is_ending else anext(self._blocks, None))
            piece = self._reader.end() if block is None else self._reader.read(block)
            if piece is not None:
                return piece
            if block is None:
                break
        raise self._error()

    async def _last_block(self) -> bytes | None:
        """Wait a moment for what may still come after the text; None: nothing that is worth waiting for."""
        with suppress(TimeoutError, BackendError):
            async with asyncio.timeout(_USAGE_S):
                return await anext(self._blocks, None)
        return None

    def _error(self) -> BackendError:
        match self._reader.failure:
            case Refusal() as refusal:
                return refusal.as_error(self._asker.redacted, self._request_id)
            case BackendError() as error:
                return error
            case None:
                return ConnectionCut("the stream ended before its last line")

    async def say_farewell(self) -> None:
        """Read up to the end of the body, if it comes soon: only then can the connection be used again."""
        with suppress(TimeoutError, BackendError):
            async with asyncio.timeout(_FAREWELL_S):
                async for _ in self._blocks:
                    pass


async def _blocks(response: httpx.Response) -> AsyncIterator[bytes]:
    """Yield the lines of the body that came together; the border of its errors is crossed once for all."""
    chunks = response.aiter_bytes() if "Content-Encoding" in response.headers else response.aiter_raw()
    blocks = Blocks()
    with amid_the_response():
        async for chunk in chunks:
            if block := blocks.take(chunk):
                yield block
        if rest := blocks.rest():
            yield rest


def _request_id(response: httpx.Response) -> str:
    return response.request.headers[REQUEST_ID]
