"""The least HTTP/1.1 that a stand-in can do with, because a thousand answers must cost it less than the bot."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import cast

_LENGTH = b"content-length:"


@dataclass(frozen=True, slots=True)
class Request:
    """What a client wants: requests of one connection come one after another."""

    path: str
    body: bytes


class Connection(asyncio.Protocol):
    """One connection of a client, kept alive for ever; whoever serves it may wish to know of its end."""

    def __init__(self, serve: "Serve") -> None:
        self._serve = serve
        self._buffer = b""
        self._transport: asyncio.Transport | None = None
        self.when_lost: Callable[[], None] = lambda: None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._transport = None
        self.when_lost()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (request := self._next_request()) is not None:
            self._serve(self, request)

    def _next_request(self) -> Request | None:
        head, end, rest = self._buffer.partition(b"\r\n\r\n")
        if not end:
            return None
        lines = head.split(b"\r\n")
        lengths = [int(line[len(_LENGTH) :]) for line in lines if line.lower().startswith(_LENGTH)]
        length = lengths[0] if lengths else 0
        if len(rest) < length:
            return None
        self._buffer = rest[length:]
        return Request(lines[0].split()[1].decode(), rest[:length])

    def write(self, data: bytes) -> None:
        """Send bytes; nothing happens if the client has gone."""
        if self._transport is not None:
            self._transport.write(data)

    @property
    def is_lost(self) -> bool:
        """Whether the client has gone."""
        return self._transport is None

    def cut(self) -> None:
        """End the connection without a word."""
        if self._transport is not None:
            self._transport.abort()

    def answer(self, status: str, body: bytes) -> None:
        """Send a whole JSON response."""
        head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        self.write(head.encode() + body)


Serve = Callable[[Connection, Request], None]


@asynccontextmanager
async def listening(serve: Serve) -> AsyncIterator[str]:
    """Serve on a port of the loopback while the context is open; yield the address."""
    server = await asyncio.get_running_loop().create_server(
        lambda: Connection(serve), "127.0.0.1", 0, backlog=2000
    )
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
