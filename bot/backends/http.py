"""The HTTP client that all backends share, and the border where its errors become ours.

Source: https://www.python-httpx.org/exceptions/
"""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from bot.backends.transport import AiohttpTransport
from bot.errors import BackendError, ConnectionCut, Unreachable

REQUEST_ID = "x-client-request-id"
"""The header by which a service's support finds a request."""
_ERROR_BODY_BYTES = 65536


def new_client(*, connect_timeout_s: float = 10.0, request_timeout_s: float = 60.0) -> httpx.AsyncClient:
    """Return the client that all backends share; whoever asks for it closes it.

    It has no limit of connections, because waiting for one would look like a slow model: how many requests are
    open is for the concurrency gate to say. Proxies are taken from the environment.
    """
    return httpx.AsyncClient(
        timeout=httpx.Timeout(request_timeout_s, connect=connect_timeout_s), transport=AiohttpTransport()
    )


@contextmanager
def before_the_response() -> Iterator[None]:
    """Map what can break until the service has begun to answer: the request may be sent again.

    Raises:
        Unreachable: instead of every error of httpx.
    """
    try:
        yield
    except (httpx.TransportError, httpx.InvalidURL) as error:
        raise Unreachable(_said(error)) from error


@contextmanager
def before_the_connection() -> Iterator[None]:
    """Map what keeps a request from being sent at all: sending it again can do no harm.

    Raises:
        Unreachable: instead of these errors of httpx.
    """
    try:
        yield
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
        raise Unreachable(_said(error)) from error


@contextmanager
def amid_the_response() -> Iterator[None]:
    """Map what can break while the answer is on its way.

    Raises:
        ConnectionCut: instead of every error of httpx.
    """
    try:
        yield
    except (httpx.TransportError, httpx.DecodingError) as error:
        raise ConnectionCut(_said(error)) from error


async def body_of_failure(response: httpx.Response) -> bytes:
    """Read what a refused request was told, 64 KiB at most, and close the response.

    If the connection breaks meanwhile, what came is returned: the status says enough.
    """
    body = bytearray()
    try:
        with amid_the_response():
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) >= _ERROR_BODY_BYTES:
                    break
    except BackendError:
        pass
    finally:
        await response.aclose()
    return bytes(body[:_ERROR_BODY_BYTES])


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
