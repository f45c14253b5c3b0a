"""Connections that do not stay where the server is no longer.

redis-py's connections go on with a server that was a master and is a replica now: reads are stale, and every
write fails for ever. These break off and connect anew, to where their guide then sends them; without a guide,
to the same name, which may have another address by then.
"""

import asyncio
from typing import Any

from redis.asyncio.connection import (
    AbstractConnection,
    Connection,
    SSLConnection,
    UnixDomainSocketConnection,
)
from redis.connection import HiredisRespSerializer
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import MasterDownError, MovedError, NoPermissionError, ReadOnlyError, ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError

from bot.redis_client.guides import Guide

_PACKER = HiredisRespSerializer()
_NOT_HERE = ("UNBLOCKED ", "NOREPLICAS ")
"""How a blocked read ends when the server becomes a replica, and what a master says that others have left."""


class NotTheMasterError(RedisConnectionError):
    """What answers is not, or no longer, the server to speak to; connecting anew may help."""


class _Following(AbstractConnection):
    """Finds its server before it connects, and leaves it when it is the wrong one."""

    host: str
    port: int

    def __init__(self, *, guide: Guide | None = None, **options: Any) -> None:
        super().__init__(**options)
        self._guide = guide

    async def connect(self) -> None:
        """Connect, and not to where the server was."""
        if self._guide and self.is_connected and (self.host, self.port) != self._guide.newest:
            await self.disconnect(nowait=True)
        if not self.is_connected:  # redis-py would find that out at the end of its way through the retries
            await super().connect()  # type: ignore[no-untyped-call]

    async def _connect(self) -> None:
        if self._guide:
            self.host, self.port = await self._guide.find()
        await super()._connect()  # type: ignore[safe-super, no-untyped-call] # of what it is mixed into

    async def on_connect_check_health(self, check_health: bool = True) -> None:  # noqa: FBT001, FBT002 - redis-py's
        """Greet the server, which has as long to answer as connecting may take; leave it if it is no master."""
        try:
            async with asyncio.timeout(self.socket_connect_timeout):
                await super().on_connect_check_health(check_health=check_health)
                is_right = await self._is_master()
        except TimeoutError as error:
            raise RedisTimeoutError("the server does not greet") from error
        if not is_right and self._guide:
            self._guide.doubt(ReadOnlyError())
            raise NotTheMasterError(f"{self.host}:{self.port} is not the master")

    def pack_command(self, *args: Any) -> list[bytes]:
        """Write a command as bytes, as redis-py's other client does: in a sixth of the time."""
        return list(_PACKER.pack(*args))

    async def _is_master(self) -> bool:
        """Whether it is, as far as anybody has to care."""
        if not (self._guide and self._guide.checks_role):
            return True
        await self.send_command("ROLE", check_health=False)
        try:
            role, *_ = await self.read_response(disable_decoding=True)
        except NoPermissionError:
            return True  # then writing tells
        return bool(role == b"master")

    async def read_response(self, *args: Any, **options: Any) -> Any:
        """Read an answer; that this is the wrong server ends the connection."""
        try:
            return await super().read_response(*args, **options)
        except ResponseError as error:
            if not _is_displaced(error):
                raise
            if self._guide:
                self._guide.doubt(error)
            await self.disconnect(nowait=True)
            raise NotTheMasterError(str(error)) from error


class TcpConnection(_Following, Connection):
    """Over TCP."""


class TlsConnection(_Following, SSLConnection):
    """Over TLS."""


class SocketConnection(_Following, UnixDomainSocketConnection):
    """Over a Unix socket."""


FOLLOWING: dict[type[AbstractConnection], type[AbstractConnection]] = {
    Connection: TcpConnection,
    SSLConnection: TlsConnection,
    UnixDomainSocketConnection: SocketConnection,
}
"""Which takes the place of which of redis-py's."""


def _is_displaced(error: ResponseError) -> bool:
    return isinstance(error, (ReadOnlyError, MovedError, MasterDownError)) or str(error).startswith(_NOT_HERE)
