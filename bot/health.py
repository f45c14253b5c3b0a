"""What orchestrators and on-call engineers ask: is the process alive, can it do its work, what has it done?

`/healthz` answers 200 as long as the bot's event loop turns, `/readyz` when all checks are content, else 503
with a word about each that is not. `/metrics` is for Prometheus.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import structlog
from aiohttp import web

from bot.errors import ConfigError, Problem

log = structlog.get_logger(__name__)

Check = Callable[[], Awaitable[str]]
"""Returns what is wrong; an empty string if all is well."""
Scrape = Callable[[], Awaitable[bytes]]
"""Returns the figures, as text."""
_PATIENCE_S = 2.0
"""With each check; they are made all at once."""
_PLAIN = "text/plain; version=0.0.4; charset=utf-8"
"""Source: https://prometheus.io/docs/instrumenting/exposition_formats/"""


async def _alive() -> str:
    return ""


def build_health(
    checks: Mapping[str, Check], scrape: Scrape | None = None, *, alive: Check = _alive
) -> web.Application:
    """Return the application; the checks, which may be added to later, run at each call of `/readyz`.

    `alive` is made at each call of `/healthz`: it hangs if the bot does.
    """

    async def healthz(_request: web.Request) -> web.Response:
        trouble = await _trouble(alive)
        return web.json_response({"status": trouble or "alive"}, status=503 if trouble else 200)

    async def readyz(_request: web.Request) -> web.Response:
        found = zip(checks, await asyncio.gather(*map(_trouble, checks.values())), strict=True)
        troubles = {name: trouble for name, trouble in found if trouble}
        status = "not ready" if troubles else "ready"
        return web.json_response({"status": status, **troubles}, status=503 if troubles else 200)

    app = web.Application()
    app.add_routes([web.get("/healthz", healthz), web.get("/readyz", readyz)])
    if scrape is not None:
        app.add_routes([web.get("/metrics", _metrics(scrape))])
    return app


async def _trouble(check: Check) -> str:
    try:
        async with asyncio.timeout(_PATIENCE_S):
            return await check()
    except TimeoutError:
        return f"no answer within {_PATIENCE_S:g} s"


def _metrics(scrape: Scrape) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def metrics(_request: web.Request) -> web.Response:
        return web.Response(body=await scrape(), headers={"Content-Type": _PLAIN})

    return metrics


@asynccontextmanager
async def listening(
    app: web.Application, host: str, port: int, *, is_vital: bool = False
) -> AsyncIterator[None]:
    """Serve while the context is open. A port that is taken is no reason to leave people unanswered.

    Raises:
        ConfigError: the port cannot be used, and it is vital: updates come through it.
    """
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await _listen(runner, host, port, is_vital=is_vital)
        yield
    finally:
        await runner.cleanup()


async def _listen(runner: web.AppRunner, host: str, port: int, *, is_vital: bool) -> None:
    try:
        await web.TCPSite(runner, host, port).start()
        log.info("listening", host=host, port=port)
    except OSError as error:
        if is_vital:
            raise ConfigError(Problem(Path(".env"), 0, 0, f"HTTP__PORT: {error}")) from error
        log.warning("health checks are off: the port cannot be used", host=host, port=port, error=str(error))
