"""A server of the operator's own, that speaks the OpenAI dialect and knows models by short names."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.tools.chunks import answer


@dataclass
class OwnServer:
    """What it knows and what it heard."""

    models: Sequence[str] = ("llama3.2",)
    url: str = ""
    """What `OPENAI__URL` should say."""
    heard: list[tuple[Mapping[str, str], dict[str, Any]]] = field(default_factory=list)
    """Headers and bodies, oldest first."""

    async def chat(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.heard.append((request.headers, body))
        if body["model"] not in self.models:
            error = {"message": f"model '{body['model']}' not found", "code": "model_not_found"}
            return web.json_response({"error": error}, status=404)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for chunk in answer(["I am", " your own", " model."]):
            await response.write(chunk)
        return response


@asynccontextmanager
async def own_server() -> AsyncIterator[OwnServer]:
    """Serve while the context is open."""
    server = OwnServer()
    app = web.Application()
    app.router.add_post("/v1/chat/completions", server.chat)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        server.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
        yield server
    finally:
        await runner.cleanup()
