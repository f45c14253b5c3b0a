"""The way to Redis: what `REDIS__URL` means, where the server is just now, and a client that finds it again."""

from bot.redis_client.address import Address, Kind
from bot.redis_client.client import Client

__all__ = ["Address", "Client", "Kind"]
