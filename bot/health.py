"""What orchestrators ask: is the process alive, and can it do its work?

`/healthz` answers as long as the event loop turns. `/readyz` answers 200 when Redis answers, else 503.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

import structlog
from aiohttp import web

log = structlog.get_logger(__name__)

Check = Callable[[], Awaitable[str]]
"""Returns what is wrong; an empty string if all is well."""


def build_health(checks: Mapping[str, Check]) -> web.Application:
    """Return the application; the checks run at each call of `/readyz`."""

    async def healthz(_request: web.Request) -> web.Response:
        return web.json_response({"status": "alive"})

    async def readyz(_request: web.Request) -> web.Response:
        troubles = {name: trouble for name, check in checks.items() if (trouble := await check())}
        status = "not ready" if troubles else "ready"
        return web.json_response({"status": status, **troubles}, status=503 if troubles else 200)

    app = web.Application()
    app.add_routes([web.get("/healthz", healthz), web.get("/readyz", readyz)])
    return app


@asynccontextmanager
async def listening(app: web.Application, host: str, port: int) -> AsyncIterator[None]:
    """Serve while the context is open. A port that is taken is no reason to leave people unanswered."""
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        log.info("listening", host=host, port=port)
    except OSError as error:
        log.warning("health checks are off: the port cannot be used", host=host, port=port, error=str(error))
    try:
        yield
    finally:
        await runner.cleanup()
