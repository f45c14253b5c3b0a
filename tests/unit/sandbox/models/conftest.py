from collections.abc import AsyncIterator

import httpx
import pytest

from bot.sandbox.models.server import ModelsServer
from bot.sandbox.models.twin import ModelsTwin
from tests.tools.clock import FakeClock

KEY = {"Authorization": "Api-Key stand-in-key"}


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(1_800_000_000.0)


@pytest.fixture
def twin(clock: FakeClock) -> ModelsTwin:
    return ModelsTwin(first_token_s=0, token_s=0, later_s=60, drawing_s=0, clock=clock)


@pytest.fixture
async def server(twin: ModelsTwin) -> AsyncIterator[ModelsServer]:
    async with ModelsServer(twin) as server:
        yield server


@pytest.fixture
async def client(server: ModelsServer) -> AsyncIterator[httpx.AsyncClient]:
    """One that speaks to all the service, with the key."""
    async with httpx.AsyncClient(base_url=server.url, headers=KEY) as client:
        yield client
