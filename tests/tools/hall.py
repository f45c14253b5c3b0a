"""The seats of a service as tests see them: processes that share them, and questions that want one."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from redis.asyncio import Redis

from bot.backends.seats import Seats, Tempo
from bot.backends.ticket import Ticket
from bot.errors import BackendTimeout
from bot.tasks import put_down
from tests.tools.virtual_time import VirtualTime

BOT_ID = 42
LINE = "{govorun:42}:seats:line"
STEADY = Tempo()
TAKEN = "{govorun:42}:seats:taken"
REPLICAS = "{govorun:42}:seats:replicas"


@dataclass
class Hall:
    """Questions under names of the test's, whatever process each of them is in."""

    seated: list[str] = field(default_factory=list)
    """Who got a seat, in order."""
    gave_up: list[str] = field(default_factory=list)
    places: dict[str, list[int]] = field(default_factory=dict)
    """What each one was told of its place."""
    _asked: dict[str, tuple[Seats, Ticket, asyncio.Task[None]]] = field(default_factory=dict)

    def ask(self, seats: Seats, name: str, person_id: int = 0) -> None:
        """Let a question stand in line."""
        ticket, self.places[name] = seats.ask(person_id), []
        self._asked[name] = (seats, ticket, asyncio.create_task(self._wait(name, ticket)))

    async def _wait(self, name: str, ticket: Ticket) -> None:
        try:
            while not await ticket.seated():
                self.places[name].append(ticket.place)
        except BackendTimeout:
            self.gave_up.append(name)
        else:
            self.seated.append(name)

    def leave(self, *names: str) -> None:
        """Let questions give up their seats, or their places in the line."""
        for name in names:
            seats, ticket, waiting = self._asked.pop(name)
            waiting.cancel()
            seats.leave(ticket)

    async def close(self) -> None:
        """End whoever still waits."""
        await put_down(*(waiting for _, _, waiting in self._asked.values()))


async def until(condition: Callable[[], object], timeout_s: float = 40) -> None:
    """Wait for something to be so."""
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110 - the seats are watched from outside
            await asyncio.sleep(0.005)


async def crash(seats: Seats) -> None:
    """End a process as a kill would: it does nothing any more, and says nothing."""
    await put_down(seats._clerk)


def revive(seats: Seats) -> None:
    """Let a process that was only frozen go on."""
    seats._clerk = asyncio.create_task(seats._serve())


@asynccontextmanager
async def seats_in(
    redis: Redis, size: int, time: VirtualTime | None = None, tempo: Tempo = STEADY
) -> AsyncIterator[Seats]:
    """One process, perhaps in virtual time; a question gives up after a minute."""
    clocks: dict[str, Any] = {"clock": time.clock, "sleep": time.sleep} if time else {}
    async with Seats(redis, BOT_ID, size, limit_s=60, tempo=tempo, **clocks) as seats:
        yield seats
