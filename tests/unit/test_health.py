import aiohttp
import pytest

from bot.health import build_health, listening
from tests.tools.redis_server import free_port


async def status(url: str) -> tuple[int, dict[str, str]]:
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        return response.status, await response.json()


@pytest.mark.parametrize(
    ("trouble", "expected"),
    [("", (200, {"status": "ready"})), ("no route", (503, {"status": "not ready", "redis": "no route"}))],
)
async def test_readiness_tells_what_is_wrong(trouble: str, expected: tuple[int, dict[str, str]]) -> None:
    async def check() -> str:
        return trouble

    port = free_port()
    async with listening(build_health({"redis": check}), "127.0.0.1", port):
        assert await status(f"http://127.0.0.1:{port}/readyz") == expected
        assert await status(f"http://127.0.0.1:{port}/healthz") == (200, {"status": "alive"})


async def test_a_port_that_is_taken_does_not_keep_the_bot_from_running() -> None:
    port = free_port()
    async with listening(build_health({}), "127.0.0.1", port), listening(build_health({}), "127.0.0.1", port):
        assert (await status(f"http://127.0.0.1:{port}/healthz"))[0] == 200
