"""How the desk gets to the inbox: to the operator's Redis, or to the one that a running bot brought along."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.desk.desk import Desk
from bot.embedded import EmbeddedRedis
from bot.errors import ConfigError, Problem, StoreError
from bot.redis_client import Address, Client
from bot.store import store_errors


@asynccontextmanager
async def open_desk(url: str, folder: Path, bot_id: int, *, timeout_s: float) -> AsyncIterator[Desk]:
    """Connect to the address or, without one, to the server whose data is in the folder; start none.

    Raises:
        ConfigError: the address is none.
        StoreError: nobody answers there.
    """
    async with Client(_address(url or EmbeddedRedis(folder).url), timeout_s=timeout_s, connections=10) as redis:
        try:
            with store_errors():
                await redis.ping()
        except StoreError as error:
            if url:
                raise
            raise StoreError(
                f"no Redis of the bot runs on the data in {folder}; start the bot, or set REDIS__URL"
            ) from error
        yield Desk(redis, bot_id)


def _address(url: str) -> Address:
    try:
        return Address.of(url)
    except ValueError as error:
        raise ConfigError(Problem(Path(".env"), 0, 0, f"REDIS__URL: {error}")) from error
