"""The page's own door: only this page, in a browser on this machine, may drive the play.

Any web page can send requests to the loopback, and a name it owns can be made to point there. So the Host must
be the loopback by name, an Origin must be this very server, and what changes something must be JSON, which a
foreign page cannot send without being asked for leave first.
"""

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",
}

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn foreign requests away with 403, and bodies that are not JSON with 415."""
    if not _is_from_here(request):
        raise web.HTTPForbidden(text="This page answers only to itself, on this machine.")
    if request.method == "POST" and request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType(text="Send application/json.")
    return await handler(request)


async def add_headers(_request: web.Request, response: web.StreamResponse) -> None:
    """Set the headers that keep the page to itself; a signal handler for `on_response_prepare`."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)


def _is_from_here(request: web.Request) -> bool:
    origin = request.headers.get("Origin")
    if _hostname(f"http://{request.host}") not in _LOOPBACK:
        return False
    return origin is None or urlsplit(origin).netloc == request.host


def _hostname(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
