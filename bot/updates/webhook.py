"""Ingress by webhook: Telegram posts updates, and hears 200 only when they are durable.

Whoever does not know the secret learns nothing and has nothing read. While Redis is away, and while the bot
starts or stops, Telegram is asked to come back. It comes back after any other refusal too, and holds what is
next in that chat until then; so an update that makes no sense is let go with a 200, and only what is no update
at all, which Telegram does not send, is refused.
Source: https://core.telegram.org/bots/api#setwebhook
"""

import asyncio
import hmac
import json
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from aiohttp import web
from yarl import URL

from bot.errors import StoreError
from bot.updates.intake import Intake, is_sound
from bot.updates.troubles import Troubles

log = structlog.get_logger(__name__)

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the name of a header

_BODY_S = 10.0
_COME_BACK = {"Retry-After": "2"}
_SENTENCES: dict[type[Exception], str] = {StoreError: "updates cannot be kept, so Telegram keeps them"}


class Webhook:
    """Answers at the path of an address. The application's own limit bounds the body: 1 MiB, then 413."""

    def __init__(self, url: str, secret: str) -> None:
        self._path = URL(url).path_safe
        self._secret = secret.encode()
        self._intake: Intake | None = None
        self._troubles = Troubles("no updates", _SENTENCES, over="updates are kept again")

    def add_to(self, app: web.Application) -> None:
        """Let the application serve it; until `open` it answers 503."""
        resource = web.PlainResource(self._path)  # `add_post` would take braces for a pattern
        app.router.register_resource(resource)
        resource.add_route("POST", self._receive)

    @contextmanager
    def open(self, intake: Intake) -> Iterator[None]:
        """Take updates in while the context is open."""
        self._intake = intake
        try:
            yield
        finally:
            self._intake = None

    async def _receive(self, request: web.Request) -> web.Response:
        if not self._knows_secret(request):
            return web.Response(status=403)
        intake = self._intake  # which another thread may take away while the body comes
        if intake is None:
            return web.Response(status=503, headers=_COME_BACK)
        try:
            async with asyncio.timeout(_BODY_S):
                body = await request.read()
        except TimeoutError:
            return web.Response(status=408)
        except web.RequestPayloadError:  # compressed, or cut into chunks, in no way that can be undone
            return _unreadable(request)
        return await self._answer(intake, body)

    def _knows_secret(self, request: web.Request) -> bool:
        given = request.headers.get(SECRET_HEADER, "").encode(errors="surrogateescape")
        return hmac.compare_digest(given, self._secret)

    async def _answer(self, intake: Intake, body: bytes) -> web.Response:
        try:
            update = json.loads(body)
            if not is_sound(update):
                return _let_go(update)
            await intake.take([update])
        except (ValueError, RecursionError):  # no JSON, no UTF-8, nested without end
            return web.Response(status=400)
        except StoreError as error:
            self._troubles.add(error)
            return web.Response(status=503, headers=_COME_BACK)
        self._troubles.end()
        return web.Response()


def _unreadable(request: web.Request) -> web.Response:
    """Refuse a body; aiohttp would wait for its rest, fail at that, and cut the connection unanswered."""
    request.content.feed_eof()
    answer = web.Response(status=400)
    answer.force_close()
    return answer


def _let_go(garbage: object) -> web.Response:
    match garbage:
        case {"update_id": int(update_id)} if not isinstance(update_id, bool):
            log.error("an update that makes no sense was let go", update_id=update_id)
            return web.Response()
    return web.Response(status=400)
