import asyncio

import aiohttp
import pytest

from bot.errors import ConfigError
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


async def test_a_check_that_hangs_is_a_trouble_and_hides_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    async def hangs() -> str:
        await asyncio.Event().wait()
        return ""

    async def fails() -> str:
        return "it is broken"

    monkeypatch.setattr("bot.health._PATIENCE_S", 0.02)
    port = free_port()
    async with listening(build_health({"redis": hangs, "models": fails}), "127.0.0.1", port):
        code, told = await status(f"http://127.0.0.1:{port}/readyz")

    assert code == 503
    assert told == {"status": "not ready", "redis": "no answer within 0.02 s", "models": "it is broken"}


async def test_figures_are_served_as_prometheus_wants_them() -> None:
    async def scrape() -> bytes:
        return b"govorun_x 1\n"

    port = free_port()
    async with (
        listening(build_health({}, scrape), "127.0.0.1", port),
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}/metrics") as response,
    ):
        assert response.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        assert await response.text() == "govorun_x 1\n"


async def test_a_port_that_updates_come_through_has_to_be_free() -> None:
    port = free_port()
    async with listening(build_health({}), "127.0.0.1", port):
        with pytest.raises(ConfigError, match="HTTP__PORT"):
            async with listening(build_health({}), "127.0.0.1", port, is_vital=True):
                pass
