"""The world over HTTP, as `api.telegram.org` speaks it."""

import asyncio
import json
import re
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl

from aiohttp import web

from bot.sandbox.telegram.answers import Answer
from bot.sandbox.telegram.params import Params, Upload
from bot.sandbox.telegram.refusals import Refusal, bad_request, refused
from bot.sandbox.telegram.world import TelegramWorld

_METHOD_PATH = re.compile(r"/bot(?P<token>[^/]+)/(?P<method>[^/]+)/?")
_FILE_PATH = re.compile(r"/file/bot(?P<token>[^/]+)/(?P<path>.+)")
_TOKEN = re.compile(r"[1-9]\d*:[A-Za-z0-9_-]+")
_BODY_BYTES = 60 << 20


class TelegramServer:
    """Serves a world as long as its context is open; `url` is what `TELEGRAM__API_URL` wants."""

    def __init__(self, world: TelegramWorld, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self._world = world
        self._host = host
        self._port = port
        self._resources = AsyncExitStack()

    @property
    def url(self) -> str:
        """Where it listens, known once the context is open."""
        return f"http://{self._host}:{self._port}"

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as resources:
            runner = web.AppRunner(self._application(), access_log=None, shutdown_timeout=0.1)
            resources.push_async_callback(runner.cleanup)
            await runner.setup()
            await web.TCPSite(runner, self._host, self._port).start()
            self._port = runner.addresses[0][1]
            deliveries = asyncio.create_task(self._world.state.webhook.run(self._carry_out))
            resources.push_async_callback(_cancelled, deliveries)
            self._resources = resources.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._resources.aclose()

    def _application(self) -> web.Application:
        application = web.Application(client_max_size=_BODY_BYTES)
        application.router.add_route("*", "/{path:.*}", self._serve)
        return application

    async def _carry_out(self, call: dict[str, Any]) -> None:
        """Carry out the call that a webhook's answer holds; whoever answers so never learns how it went."""
        arguments = {name: value for name, value in call.items() if name != "method"}
        await self._world.call(str(call["method"]), Params(arguments))

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        try:
            return await self._routed(request)
        except Refusal as refusal:
            return _response(Answer.of_refusal(refusal))

    async def _routed(self, request: web.Request) -> web.StreamResponse:
        if match := _FILE_PATH.fullmatch(request.path):
            return self._file(match["token"], match["path"])
        match = _METHOD_PATH.fullmatch(request.path)
        if match is None:
            raise Refusal(404, "Not Found")
        self._check_token(match["token"])
        answer = await self._world.call(match["method"], await _params(request))
        if answer.is_cut and request.transport is not None:
            request.transport.abort()
        return _response(answer)

    def _check_token(self, token: str) -> None:
        if not _TOKEN.fullmatch(token):
            raise refused(401, "invalid token specified")
        if token != self._world.token:
            raise Refusal(401, "Unauthorized")

    def _file(self, token: str, path: str) -> web.Response:
        self._check_token(token)
        stored = self._world.state.files.by_path(path)
        if stored is None:
            raise Refusal(404, "Not Found")
        return web.Response(body=stored.upload.content, content_type="application/octet-stream")


async def _cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait({task})


def _response(answer: Answer) -> web.Response:
    if answer.html:
        return web.Response(status=answer.status, text=answer.html, content_type="text/html")
    headers = {} if answer.retry_after is None else {"Retry-After": str(answer.retry_after)}
    body = json.dumps(answer.envelope, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")
    return web.Response(
        status=answer.status or 500, body=body, headers=headers, content_type="application/json"
    )


async def _params(request: web.Request) -> Params:
    values: dict[str, Any] = dict(request.query)
    uploads: dict[str, Upload] = {}
    match request.content_type:
        case "multipart/form-data":
            await _read_parts(request, values, uploads)
        case "application/json":
            values |= _json_object(await request.read())
        case _ if request.can_read_body:
            values |= parse_qsl((await request.read()).decode(errors="replace"), keep_blank_values=True)
    return Params(values, uploads)


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        values = json.loads(body or b"{}")
    except ValueError:
        raise bad_request("Can't parse request body JSON object") from None
    if not isinstance(values, dict):
        raise bad_request("Request body must be a JSON object")
    return values


async def _read_parts(request: web.Request, values: dict[str, Any], uploads: dict[str, Upload]) -> None:
    for name, part in (await request.post()).items():
        if isinstance(part, web.FileField):
            uploads[name] = Upload(part.filename, part.content_type, part.file.read())
        else:
            values[name] = part
