"""The pretended service on a port of the loopback, for all its hosts: paths, headers and the record."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

from aiohttp import web

from bot.sandbox.models.call import Call, Route
from bot.sandbox.models.faults import Refuse
from bot.sandbox.models.methods import ROUTES
from bot.sandbox.models.rules import Unacceptable
from bot.sandbox.models.twin import ModelsTwin, RecordedRequest
from bot.sandbox.models.uris import named_in

_BODY_BYTES = 32 * 1024 * 1024


class ModelsServer:
    """Serves a twin while the context is open; its addresses are what the settings of `YANDEX__` should say."""

    def __init__(self, twin: ModelsTwin, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self._twin = twin
        self._host = host
        self._port = port
        app = web.Application(client_max_size=_BODY_BYTES)
        app.on_response_prepare.append(_sign)
        for route in ROUTES:
            app.router.add_route(route.verb, route.path, self._watched(route))
        app.router.add_route("*", "/{path:.*}", _not_found)
        self._runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1)

    @property
    def url(self) -> str:
        """Where it listens, without a slash at the end: `YANDEX__API_URL`."""
        return f"http://{self._host}:{self._port}"

    @property
    def operations_url(self) -> str:
        """What `YANDEX__OPERATIONS_URL` should say."""
        return self.url

    @property
    def openai_url(self) -> str:
        """What `YANDEX__OPENAI_URL` should say, and `OPENAI__URL` could."""
        return f"{self.url}/v1"

    @property
    def iam_url(self) -> str:
        """What `YANDEX__IAM_URL` should say."""
        return self.url

    @property
    def metadata_url(self) -> str:
        """What `YANDEX__METADATA_URL` should say."""
        return self.url

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._runner.cleanup()

    def _watched(self, route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """Record what comes and how it ends, and turn what is not taken into a response."""

        async def handler(request: web.Request) -> web.StreamResponse:
            call = Call(self._twin, request, await self._recorded(route.name, request), route.shape)
            try:
                response = await _met(call, route)
            except (asyncio.CancelledError, ConnectionResetError):
                call.record.is_closed_early = True
                raise
            finally:
                call.record.ended_at = self._twin.clock()
            call.record.status = response.status
            return response

        return handler

    async def _recorded(self, name: str, request: web.Request) -> RecordedRequest:
        raw = await request.read()
        record = RecordedRequest(
            name, request.headers, raw, _json(raw), self._twin.clock(), path=request.path_qs
        )
        self._twin.record(record)
        return record


async def _met(call: Call, route: Route) -> web.StreamResponse:
    fault = call.twin.next_fault(route.name, named_in(call.record.body))
    if isinstance(fault, Refuse):
        return call.refused(fault)
    try:
        return await route.method(replace(call, fault=fault))
    except Unacceptable as error:
        return call.refused(error.answer)


async def _not_found(_: web.Request) -> web.Response:
    """Answer as the service does where it has nothing."""
    return web.Response(status=404, text="404 page not found")


async def _sign(request: web.Request, response: web.StreamResponse) -> None:
    """Add the headers by which the service's support finds a request."""
    trace = uuid4().hex
    response.headers["Server"] = "ycalb"
    response.headers["x-request-id"] = str(uuid4())
    response.headers["x-server-trace-id"] = f"{trace[:16]}:{trace[16:]}:{trace[:16]}:1"
    if asked_as := request.headers.get("x-client-request-id"):
        response.headers["x-client-request-id"] = asked_as


def _json(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        return None
