"""The Redis of this bot: opened at the start, looked at once, closed at the end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path

from bot import settings
from bot.app.insistence import insisted
from bot.embedded import EmbeddedRedis
from bot.errors import ConfigError, Problem, StoreError
from bot.redis_client import Address, Client
from bot.redis_server import require_version, warn_of_losses


@asynccontextmanager
async def open_redis(wanted: settings.Redis) -> AsyncIterator[Client]:
    """Yield a client of the given Redis, or of the bot's own, once it has answered.

    Raises:
        ConfigError: as `client_of_redis` and `answered`.
        StoreError: it does not answer.
    """
    async with client_of_redis(wanted) as client:
        await _look_at(client)
        yield client


@asynccontextmanager
async def client_of_redis(wanted: settings.Redis) -> AsyncIterator[Client]:
    """Make a client of the given Redis, asking nothing, or start the bot's own for as long as the context.

    Raises:
        ConfigError: the address is no good, or no server can be started.
        StoreError: the bot's own does not answer.
    """
    async with AsyncExitStack() as stack:
        if wanted.url:
            url = wanted.url.get_secret_value()
        else:
            url = (await stack.enter_async_context(EmbeddedRedis(wanted.dir))).url
        client = Client(_address(url), timeout_s=wanted.timeout_s, connections=wanted.connections)
        async with client:
            yield client


async def answered(client: Client, stop: asyncio.Event) -> bool:
    """Wait until Redis answers; False if we were told to stop first. The client logs that it is away.

    Raises:
        ConfigError: the password or the server's kind or version is no good.
    """
    return bool(await insisted(partial(_is_there, client), stop))


async def _is_there(client: Client) -> bool:
    try:
        await _look_at(client)
    except StoreError:
        return False
    return True


async def _look_at(client: Client) -> None:
    await require_version(client)
    await warn_of_losses(client)


def _address(url: str) -> Address:
    try:
        return Address.of(url)
    except ValueError as error:
        raise ConfigError(Problem(Path(".env"), 0, 0, f"REDIS__URL: {error}")) from error
