import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import httpx
import pytest

from bot.backends.http import new_client
from tests.tools.redis_server import free_port

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with new_client() as client:
        yield client


@asynccontextmanager
async def serving(serve: Serve) -> AsyncIterator[str]:
    """A server that reads each request's head, then does what a test wants."""
    handling: set[asyncio.Task[None] | None] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        handling.add(asyncio.current_task())
        await reader.readuntil(b"\r\n\r\n")
        await serve(reader, writer)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        await asyncio.gather(*filter(None, handling))


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


async def test_one_step_brings_all_that_has_come(client: httpx.AsyncClient) -> None:
    is_written = asyncio.Event()

    async def in_ten_chunks(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD)
        for number in range(10):
            writer.write(chunk(b"%d" % number))
            await asyncio.sleep(0.005)
        writer.write(chunk(b""))
        is_written.set()

    async with serving(in_ten_chunks) as url, client.stream("GET", url) as response:
        await is_written.wait()
        await asyncio.sleep(0.1)
        steps = [step async for step in response.aiter_bytes()]

    assert steps == [b"0123456789"]


async def test_what_is_sent_arrives(client: httpx.AsyncClient) -> None:
    seen: list[bytes] = []

    async def remember(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await reader.readexactly(4))
        writer.write(b"HTTP/1.1 201 Created\r\nX-Said: twice\r\nX-Said: so\r\nContent-Length: 2\r\n\r\nok")

    async with serving(remember) as url:
        response = await client.post(url, content=b"body", headers={"X-Key": "value"})

    assert seen == [b"body"]
    assert (response.status_code, response.text) == (201, "ok")
    assert response.headers.get_list("X-Said") == ["twice", "so"]


async def test_a_compressed_body_is_unpacked_once(client: httpx.AsyncClient) -> None:
    packed = gzip.compress(b"text")

    async def compressed(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed)
        writer.write(head + packed)

    async with serving(compressed) as url:
        assert (await client.get(url)).content == b"text"


async def test_redirects_are_not_followed(client: httpx.AsyncClient) -> None:
    async def elsewhere(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")

    async with serving(elsewhere) as url:
        assert (await client.get(url)).status_code == 302


async def test_closing_early_closes_the_connection(client: httpx.AsyncClient) -> None:
    is_closed = asyncio.Event()

    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD + chunk(b"a"))
        await reader.read()
        is_closed.set()

    async with serving(endless) as url:
        async with client.stream("GET", url) as response:
            await anext(response.aiter_bytes())
        async with asyncio.timeout(10):
            await is_closed.wait()


async def test_nobody_there_is_a_connect_error(client: httpx.AsyncClient) -> None:
    with pytest.raises(httpx.ConnectError):
        await client.get(f"http://127.0.0.1:{free_port()}")


async def test_a_connection_closed_without_a_response_is_a_protocol_error(client: httpx.AsyncClient) -> None:
    async def silent(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        pass

    async with serving(silent) as url:
        with pytest.raises(httpx.RemoteProtocolError):
            await client.get(url)


async def test_a_body_that_breaks_off_is_a_protocol_error(client: httpx.AsyncClient) -> None:
    async def half(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD + chunk(b"a"))

    async with serving(half) as url:
        with pytest.raises(httpx.RemoteProtocolError):
            await client.get(url)


async def test_a_server_that_says_nothing_is_a_read_timeout() -> None:
    async def silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read()

    async with serving(silent) as url, new_client(request_timeout_s=0.1) as client:
        with pytest.raises(httpx.ReadTimeout):
            await client.get(url)


async def test_an_address_of_another_kind_is_refused(client: httpx.AsyncClient) -> None:
    with pytest.raises(httpx.UnsupportedProtocol):
        await client.get("ftp://127.0.0.1/")


async def test_a_client_that_was_never_used_can_be_closed() -> None:
    async with new_client() as client:
        pass

    assert client.is_closed
