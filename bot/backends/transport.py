"""How httpx reaches the network: by aiohttp's client, because answers that stream are the bot's busiest path.

The transport that httpx brings looks through all its connections whenever a request begins or ends, and parses
every chunk in Python: a thousand streams at once cost it twenty times as much. Here one step of a body brings
all bytes that have come since the last one. Errors are those of httpx, so that nobody else has to know.
"""

import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from functools import cache
from urllib.request import getproxies, proxy_bypass

import aiohttp
import httpx
from yarl import URL

_KEEPALIVE_S = 60.0
_AT_HAND_BYTES = 1 << 20
"""How much of a body may lie ready before the sender is held up: the longest answers come by 64 KiB a line."""

_ERRORS: tuple[tuple[type[Exception], type[httpx.TransportError]], ...] = (
    (aiohttp.ConnectionTimeoutError, httpx.ConnectTimeout),
    (TimeoutError, httpx.ReadTimeout),
    (aiohttp.ClientConnectorError, httpx.ConnectError),
    (aiohttp.ServerDisconnectedError, httpx.RemoteProtocolError),
    (aiohttp.ClientPayloadError, httpx.RemoteProtocolError),
    (aiohttp.ClientResponseError, httpx.RemoteProtocolError),
    (aiohttp.InvalidURL, httpx.UnsupportedProtocol),
    (aiohttp.NonHttpUrlClientError, httpx.UnsupportedProtocol),
    (aiohttp.ClientError, httpx.ReadError),
    (OSError, httpx.ReadError),
)
"""The first that fits counts."""


class AiohttpTransport(httpx.AsyncBaseTransport):
    """Carries requests with their bodies whole, and responses as they come.

    It has no limit of connections, follows no redirect, keeps no cookie, and takes proxies from the
    environment.
    """

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None
        self._tls = _tls()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and return its response once the headers are there.

        Raises:
            httpx.TransportError: whatever went wrong.
        """
        timeout = request.extensions.get("timeout", {})
        with _errors_of_httpx():
            response = await self._opened().request(
                request.method,
                URL(str(request.url), encoded=True),
                headers=[
                    (name.decode("ascii"), value.decode("latin-1")) for name, value in request.headers.raw
                ],
                data=await request.aread() or None,
                allow_redirects=False,
                proxy=_proxy_for(request.url),
                timeout=aiohttp.ClientTimeout(
                    total=None, sock_connect=timeout.get("connect"), sock_read=timeout.get("read")
                ),
            )
        return httpx.Response(response.status, headers=list(response.raw_headers), stream=_Body(response))

    async def aclose(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()

    def _opened(self) -> aiohttp.ClientSession:
        """Return the session, which cannot be made outside a running loop."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=_KEEPALIVE_S, ssl=self._tls),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                read_bufsize=_AT_HAND_BYTES,
            )
        return self._session


@cache
def _tls() -> ssl.SSLContext:
    """Return what all connections of the process share: reading the authorities takes 50 ms."""
    return httpx.create_ssl_context()


def _proxy_for(url: httpx.URL) -> str | None:
    """Return the proxy that the environment names for an address; None: none.

    aiohttp's own `trust_env` would also read passwords from `~/.netrc` and refuse to send our key beside them.
    """
    if proxy_bypass(url.host):
        return None
    proxies = getproxies()
    return proxies.get(url.scheme) or proxies.get("all")


class _Body(httpx.AsyncByteStream):
    """The body of a response; closing it before its end closes the connection."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _errors_of_httpx():
            while lump := await self._response.content.readany():
                yield lump

    async def aclose(self) -> None:
        """Give the connection back if the body has been read to its end."""
        if self._response.content.at_eof():
            self._response.release()
        else:
            self._response.close()


@contextmanager
def _errors_of_httpx() -> Iterator[None]:
    try:
        yield
    except (aiohttp.ClientError, OSError) as error:
        kind = next(ours for theirs, ours in _ERRORS if isinstance(error, theirs))
        raise kind(str(error)) from error
