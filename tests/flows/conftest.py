"""Flows run the whole bot; this hands each of them one, judged at the end by the outside judges."""

from collections.abc import AsyncIterator

import pytest

from tests.tools.house import House, open_house
from tests.tools.street import Street, a_street


@pytest.fixture
async def house(redis_url: str) -> AsyncIterator[House]:
    """A running bot that answers everybody; every call and request it made is judged afterwards."""
    async with open_house(redis_url) as one:
        yield one
        one.judge()


@pytest.fixture
async def street(redis_url: str) -> AsyncIterator[Street]:
    """A Telegram and a service behind addresses, for bots that are processes, or several."""
    async with a_street(redis_url) as one:
        yield one
