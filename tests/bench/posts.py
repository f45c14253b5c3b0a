"""How long Telegram waits for its 200 when it posts updates to a bot that is busy with a hundred replies."""

import asyncio
import json
import statistics
import sys
from typing import Any

import httpx

from bot.updates.webhook import SECRET_HEADER
from tests.bench.process import ROOT
from tests.bench.stage import staged
from tests.bench.table import Row
from tests.bench.telegram import LATENCY_S, BenchTelegram, answer
from tests.bench.wire import Connection, Request
from tests.tools.redis_server import free_port

_STREAMING = range(1, 101)
_TOKENS = 600
_POSTS, _PAUSE_S = 400, 0.02
_FIRST_ID = 1_000_000
_SECRET = "a-secret-of-the-bench"


class PostingTelegram(BenchTelegram):
    """Posts updates to where it was told to."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url
        self._client = httpx.AsyncClient(headers={SECRET_HEADER: _SECRET}, timeout=30)
        self._posting: set[asyncio.Task[None]] = set()

    def serve(self, connection: Connection, request: Request) -> None:
        """Answer a call, after a while; the webhook is at its place from the first."""
        if request.path.endswith("/getWebhookInfo"):
            info = {"url": self.url, "has_custom_certificate": False, "pending_update_count": 0}
            asyncio.get_running_loop().call_later(LATENCY_S, answer, connection, info)
            return
        super().serve(connection, request)
        if request.path.endswith("/setWebhook"):
            self.is_ready.set()

    def put(self, kind: str, payload: dict[str, Any]) -> None:
        """Post an update."""
        self.count += 1
        task = asyncio.create_task(self._post({"update_id": self.count, kind: payload}))
        self._posting.add(task)
        task.add_done_callback(self._posting.discard)

    async def _post(self, update: dict[str, Any]) -> None:
        response = await self._client.post(self.url, content=json.dumps(update))
        assert response.status_code == httpx.codes.OK


async def rows() -> list[Row]:
    """Post messages of many other people while a hundred replies grow."""
    port = free_port()
    telegram = PostingTelegram(f"http://127.0.0.1:{port}/updates")
    settings = {
        "TELEGRAM__DELIVERY": "webhook",
        "TELEGRAM__WEBHOOK_URL": f"http://127.0.0.1:{port}/updates",
        "TELEGRAM__WEBHOOK_SECRET": _SECRET,
        "HTTP__PORT": str(port),
    }
    async with staged(telegram, **settings) as stage:
        stage.ask(_STREAMING, _TOKENS)
        await asyncio.sleep(3)
        waits_ms = await _posted(telegram.url)
        await stage.finished(_STREAMING)
        return [
            Row("webhook: 200 while 100 replies stream, half", statistics.median(waits_ms), unit="ms"),
            Row("  99 of 100", statistics.quantiles(waits_ms, n=100)[98], unit="ms", promise="<= 50"),
        ]


async def _posted(url: str) -> list[float]:
    """Let another process post, and return how long it waited for each 200, in ms."""
    arguments = (url, _SECRET, str(_FIRST_ID), str(_POSTS), str(_PAUSE_S))
    poster = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.poster", *arguments, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    said = json.loads((await poster.communicate())[0])
    assert said["statuses"] == [200]
    return list(said["took_ms"])
