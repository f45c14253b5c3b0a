"""The pretended service on a port of the loopback: paths, headers and the order of the checks."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from itertools import pairwise
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

from aiohttp import web

from bot.sandbox.models import request as requests
from bot.sandbox.models import tokens
from bot.sandbox.models.answers import Heard, answer_to, wished_fault
from bot.sandbox.models.faults import Cut, Fault, Hang, LateError, Refuse
from bot.sandbox.models.pen import Pen
from bot.sandbox.models.refusals import refusal
from bot.sandbox.models.request import CompletionRequest, TokenizeRequest, Unacceptable
from bot.sandbox.models.transcript import MODEL_VERSION, transcript
from bot.sandbox.models.twin import ModelsTwin, RecordedRequest

_BODY_BYTES = 32 * 1024 * 1024
Method = Callable[[web.Request, RecordedRequest], Awaitable[web.StreamResponse]]


class ModelsServer:
    """Serves a twin while the context is open; `url` is what `YANDEX__API_URL` should say."""

    def __init__(self, twin: ModelsTwin, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self._twin = twin
        self._host = host
        self._port = port
        app = web.Application(client_max_size=_BODY_BYTES)
        app.on_response_prepare.append(_sign)
        for name, method in self._methods().items():
            app.router.add_post(f"/foundationModels/v1/{name}", self._watched(name, method))
        self._runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1)

    @property
    def url(self) -> str:
        """Where it listens, without a slash at the end."""
        return f"http://{self._host}:{self._port}"

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

    def _methods(self) -> dict[str, Method]:
        return {
            "completion": self._completion,
            "tokenize": self._tokenize,
            "tokenizeCompletion": self._tokenize_completion,
        }

    def _watched(self, name: str, method: Method) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """Record what comes and how it ends, and turn what is not taken into a response."""

        async def handler(request: web.Request) -> web.StreamResponse:
            record = await self._recorded(name, request)
            try:
                return await method(request, record)
            except Unacceptable as error:
                return refusal(error.answer)
            except (asyncio.CancelledError, ConnectionResetError):
                record.is_closed_early = True
                raise
            finally:
                record.ended_at = time.time()

        return handler

    async def _recorded(self, name: str, request: web.Request) -> RecordedRequest:
        raw = await request.read()
        record = RecordedRequest(name, request.headers, raw, _json(raw), time.time())
        self._twin.record(record)
        return record

    async def _completion(self, request: web.Request, record: RecordedRequest) -> web.StreamResponse:
        fault = self._twin.next_fault()
        if isinstance(fault, Refuse):
            return refusal(fault)
        asked = self._admitted(record)
        requests.check_texts(asked, self._twin.rules)
        heard = _heard(asked)
        fault = fault or wished_fault(heard.question)
        if isinstance(fault, Refuse):
            return refusal(fault)
        with self._twin.generation():
            if asked.completion_options.stream:
                return await self._stream(request, asked, fault)
            return await self._whole(request, asked, fault)

    def _admitted(self, record: RecordedRequest) -> CompletionRequest:
        """Return the request if the door opens: credentials, form, folder, model, in this order."""
        twin = self._twin
        twin.check_credentials(record.headers.get("Authorization", ""))
        asked = requests.parsed(record.body, CompletionRequest, twin.rules)
        requests.check_folder(record.headers.get("x-folder-id", twin.folder_id), twin.folder_id)
        requests.check_model(asked.model_uri, twin.folder_id, twin.rules)
        return asked

    async def _stream(
        self, request: web.Request, asked: CompletionRequest, fault: Fault | None
    ) -> web.StreamResponse:
        pen = Pen(request, self._twin.rules.content_type, fault)
        await self._think(asked)
        for piece, line in enumerate(transcript(answer_to(_heard(asked)), asked, fault)):
            if await pen.breaks_off(piece, line):
                return pen.response
            await asyncio.sleep(self._twin.pause_s(piece))
            await pen.write(line)
        await pen.finish()
        return pen.response

    async def _think(self, asked: CompletionRequest) -> None:
        """Take the time that a hidden thought takes; the service says nothing meanwhile."""
        if asked.is_reasoning:
            await asyncio.sleep(self._twin.thinking_s)

    async def _whole(
        self, request: web.Request, asked: CompletionRequest, fault: Fault | None
    ) -> web.StreamResponse:
        """Answer at once and whole; faults of streams happen before it."""
        pen = Pen(request, "application/json", fault)
        lines = list(transcript(answer_to(_heard(asked)), asked, fault))
        match fault:
            case LateError(_, status, message):
                return refusal(Refuse(status, message))
            case Hang(after) | Cut(after) if await pen.breaks_off(after, lines[-1]):
                return pen.response
        await self._think(asked)
        await asyncio.sleep(sum(map(self._twin.pause_s, range(len(lines)))))
        await pen.write(lines[-1])
        await pen.finish()
        return pen.response

    async def _tokenize(self, _: web.Request, record: RecordedRequest) -> web.Response:
        self._twin.check_credentials(record.headers.get("Authorization", ""))
        asked = requests.parsed(record.body, TokenizeRequest, self._twin.rules)
        requests.check_model(asked.model_uri, self._twin.folder_id, self._twin.rules)
        return _tokens(asked.text)

    async def _tokenize_completion(self, _: web.Request, record: RecordedRequest) -> web.Response:
        asked = self._admitted(record)
        return _tokens("\n".join(line.text or "" for line in asked.messages))


def _heard(asked: CompletionRequest) -> Heard:
    """Return what the stand-in answers about."""
    texts = [(line.role, line.text or "") for line in asked.messages]
    questions = [text for role, text in texts if role == "user"]
    return Heard(
        question=questions[-1] if questions else "",
        system=next((text for role, text in texts if role == "system"), ""),
        earlier_turns=sum(role == "assistant" for role, _ in texts),
        model=asked.model_uri.split("://", 1)[-1].partition("/")[2],
        temperature=asked.completion_options.temperature,
        max_tokens=asked.completion_options.max_tokens,
        turns=tuple(_turns(texts)),
    )


def _turns(texts: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Yield the questions that were answered, with their answers."""
    for (asker, question), (answerer, answer) in pairwise(texts):
        if (asker, answerer) == ("user", "assistant"):
            yield question, answer


def _tokens(text: str) -> web.Response:
    listed = [
        {"id": str(number), "text": token, "special": False}
        for number, token in enumerate(tokens.split(text), start=1)
    ]
    return web.json_response({"tokens": listed, "modelVersion": MODEL_VERSION})


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
