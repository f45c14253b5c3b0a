from collections.abc import AsyncIterator

import pytest
from aiohttp.test_utils import TestClient, TestServer
from redis.exceptions import OutOfMemoryError

from bot.app.view import View, Witnesses
from bot.redis_client import Address, Client
from tests.tools.house import Notebook
from tests.tools.page_stage import turn_trace
from tests.tools.redis_server import RedisProcess

READY = {"status": "ready"}


@pytest.fixture
async def redis_client(mortal_redis: RedisProcess) -> AsyncIterator[Client]:
    async with Client(Address.of(mortal_redis.url), timeout_s=1, connections=5) as client:
        yield client


async def readiness(view: View) -> dict[str, str]:
    async with TestClient(TestServer(view.application())) as engineer:
        response = await engineer.get("/readyz")
        told: dict[str, str] = await response.json()
        assert response.status == (200 if told == READY else 503)
        return told


def begun(redis: Client, *, models: str = "") -> View:
    view = View(redis, 42, models=models)
    view.telegram = lambda: ""
    view.ingress = lambda: ""
    return view


async def test_a_bot_that_has_just_started_is_not_ready(redis_client: Client) -> None:
    told = await readiness(View(redis_client, 42, models="YANDEX__API_KEY is missing"))

    assert told == {
        "status": "not ready",
        "telegram": "it has not told yet who the bot is",
        "ingress": "it has not begun",
        "models": "YANDEX__API_KEY is missing",
    }


async def test_a_bot_that_has_all_it_needs_is_ready(redis_client: Client) -> None:
    assert await readiness(begun(redis_client)) == READY


async def test_readiness_names_a_redis_that_is_gone(redis_client: Client, mortal_redis: RedisProcess) -> None:
    mortal_redis.kill()

    assert "Redis does not answer" in (await readiness(begun(redis_client)))["redis"]


async def test_readiness_names_a_redis_that_answers_but_keeps_nothing(redis_client: Client) -> None:
    await redis_client.config_set("maxmemory", "1")
    with pytest.raises(OutOfMemoryError):
        await redis_client.set("key", "value")

    assert "Redis is full" in (await readiness(begun(redis_client)))["redis"]


def test_every_witness_hears_of_every_turn() -> None:
    one, other = Notebook(), Notebook()

    Witnesses(one, other).turn_ended(turn_trace(1))

    assert len(one.traces) == len(other.traces) == 1


async def test_readiness_names_a_line_that_is_down(redis_client: Client) -> None:
    view = begun(redis_client)
    view.telegram = lambda: "telegram does not take calls"

    assert await readiness(view) == {"status": "not ready", "telegram": "telegram does not take calls"}
