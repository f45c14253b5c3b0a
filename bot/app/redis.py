"""The Redis of this bot: opened at the start, looked at once, closed at the end."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from bot import settings
from bot.embedded import EmbeddedRedis
from bot.errors import ConfigError, Problem
from bot.redis_client import Address, Client
from bot.redis_server import require_version, warn_of_losses


@asynccontextmanager
async def open_redis(wanted: settings.Redis) -> AsyncIterator[Client]:
    """Connect to the given Redis, or to the bot's own, which then lives as long as the context.

    Raises:
        ConfigError: the address, the password or the server's version is no good, or none can be started.
        StoreError: it does not answer.
    """
    async with AsyncExitStack() as stack:
        if wanted.url:
            url = wanted.url.get_secret_value()
        else:
            url = (await stack.enter_async_context(EmbeddedRedis(wanted.dir))).url
        client = Client(_address(url), timeout_s=wanted.timeout_s, connections=wanted.connections)
        redis = await stack.enter_async_context(client)
        await require_version(redis)
        await warn_of_losses(redis)
        yield client


def _address(url: str) -> Address:
    try:
        return Address.of(url)
    except ValueError as error:
        raise ConfigError(Problem(Path(".env"), 0, 0, f"REDIS__URL: {error}")) from error
