"""Seats at the service, as many as it answers at once: all replicas share them, and those who want one queue.

A seat is a lease, renewed while its answer is written: that of a process which died is free again some seconds
later. The line is fair to people: see `seats.lua`, which is the one place where seats are given away; one call
tells it all that has happened in this process, and brings all that was decided. A seat that comes free goes to
the first in line in the same step, here at once, in another replica when that asks again.

Fails open: while Redis is away, each replica counts its own seats, as many as all share otherwise, first come
first served. A process that is taken for dead while it is only frozen writes on, so for a while one more.
"""

import asyncio
import json
import math
import secrets
import time
from collections.abc import Awaitable, Callable, Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.backends.ticket import Ticket
from bot.store import key_prefix
from bot.tasks import put_down

log = structlog.get_logger(__name__)

_PATIENCE_S = 1.0
"""With Redis; then seats are given away without it."""
_REST_S = 2.0
"""After a failure Redis is left alone for this long, so that nobody waits for its timeouts."""
_KEEP_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Tempo:
    """How often what is done, in seconds."""

    lease_s: float = 5.0
    """The seat of a process that died is free again after so long."""
    renew_every_s: float = 1.0
    ask_every_s: float = 0.1
    """While somebody here waits: a seat that comes free elsewhere is noticed after so long."""
    look_every_s: float = 0.5
    """How often all who wait here are told their places."""
    quiet_s: float = 1.0
    """Who waits for less than this is told nothing."""


class Seats:
    """The seats of one bot, as one process sees them; works as a context manager.

    A question that has waited for `limit_s` gives up. `when_seated` hears how many seconds each one waited;
    it must neither wait nor raise.
    """

    def __init__(  # noqa: PLR0913 - what is shared, its size and its limit, and time
        self,
        redis: Redis,
        bot_id: int,
        size: int,
        *,
        limit_s: float = 300.0,
        when_seated: Callable[[float], None] = lambda _: None,
        tempo: Tempo = Tempo(),
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        prefix = f"{key_prefix(bot_id)}:seats"
        self._keys = [f"{prefix}:{name}" for name in ("line", "taken", "people", "replicas", "reached")]
        self._settlement = redis.register_script(Path(__file__).with_suffix(".lua").read_text("utf-8"))
        self._size = size
        self._limit_s = limit_s
        self._when_seated = when_seated
        self._tempo = tempo
        self._clock = clock
        self._sleep = sleep
        self._name = secrets.token_hex(4)
        self._count = 0
        self._waiting: dict[str, Ticket] = {}
        self._seated: dict[str, Ticket] = {}
        self._untold: list[str] = []
        """Tickets of which Redis has not heard, in the order of coming."""
        self._left: set[str] = set()
        """Tickets that were given up, of which Redis may think otherwise."""
        self._looked_at = self._failed_at = -math.inf
        self._is_alone = False
        self._news = asyncio.Event()
        self._clerk: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._clerk = asyncio.create_task(self._serve(), name="seats")
        return self

    async def __aexit__(self, *_: object) -> None:
        """Give back what is left; nobody may be answered any more."""
        await put_down(self._clerk)
        self._left.update(self._seated, self._waiting)
        if self._left:
            with suppress(RedisError, OSError):
                await self._told(self._left, (), ())

    @property
    def taken(self) -> int:
        """How many seats this process has."""
        return len(self._seated)

    @property
    def waiting(self) -> int:
        """How many questions wait in this process."""
        return len(self._waiting)

    def ask(self, person_id: int) -> Ticket:
        """Stand in line; the ticket has to come back by `leave`. 0 is nobody in particular."""
        self._count += 1
        ticket = Ticket(f"{self._name}:{self._count}:{person_id}", self._clock(), self._limit_s)
        self._waiting[ticket.name] = ticket
        self._untold.append(ticket.name)
        self._news.set()
        return ticket

    def leave(self, ticket: Ticket) -> None:
        """Give a seat, or a place in the line, to whoever is next; returns at once."""
        self._waiting.pop(ticket.name, None)
        self._seated.pop(ticket.name, None)
        self._left.add(ticket.name)
        self._news.set()

    async def _serve(self) -> None:
        """Be the one who asks Redis, for all who wait here."""
        while True:
            await self._news_within(self._pause_s)
            self._news.clear()
            if self._clock() - self._failed_at < _REST_S:
                self._settle_alone()
            else:
                await self._settle()
            self._give_up_waiting()

    @property
    def _pause_s(self) -> float | None:
        """How long nothing need be asked if nothing happens here; None: for ever."""
        if self._waiting:
            return self._tempo.ask_every_s
        return self._tempo.renew_every_s if self._seated or self._left else None

    async def _settle(self) -> None:
        """Tell Redis the news and do what it has decided; decide here if it is away."""
        now = self._clock()
        is_look = now - self._looked_at >= self._tempo.look_every_s
        left, untold, self._untold = tuple(self._left), self._untold, []
        asking = [name for name in (self._waiting if is_look else untold) if name in self._waiting]
        try:
            seated, places = await self._told(left, tuple(self._seated), asking)
        except (RedisError, OSError) as error:
            self._failed_at, self._looked_at = self._clock(), -math.inf
            self._note(f"{type(error).__name__}: {error}")
            self._settle_alone()
            return
        self._note("")
        self._looked_at = now if is_look else self._looked_at
        self._left.difference_update(left)
        self._seat(seated)
        self._tell(zip(asking, places, strict=True))

    async def _told(
        self, left: Collection[str], held: Collection[str], asking: Collection[str]
    ) -> tuple[list[str], list[int]]:
        """Tell the news; return who of this process has a seat, and the places of those asking."""
        news = {"left": [*left], "held": [*held], "asking": [*asking]}
        args: list[Any] = [
            self._name,
            self._size,
            round(self._tempo.lease_s * 1000),
            _KEEP_MS,
            json.dumps(news),
        ]
        async with asyncio.timeout(_PATIENCE_S):
            seated, places = await self._settlement(keys=self._keys, args=args)
        return seated, places

    def _settle_alone(self) -> None:
        """Give away what is free of this process's own seats, in the order of coming."""
        free = max(0, self._size - len(self._seated))
        names = tuple(self._waiting)
        self._seat(names[:free])
        self._tell((name, place) for place, name in enumerate(names[free:], 1))

    def _seat(self, names: Iterable[str]) -> None:
        for name in names:
            if (ticket := self._waiting.pop(name, None)) is not None:
                self._seated[name] = ticket
                self._when_seated(self._clock() - ticket.since)
                ticket.seat()
            elif name not in self._seated:
                self._left.add(name)  # it went away while Redis was deciding, or could not say so
                self._news.set()

    def _tell(self, places: Iterable[tuple[str, int]]) -> None:
        """Tell those who have waited for a while their places."""
        for name, place in places:
            ticket = self._waiting.get(name)
            if ticket is not None and place and self._clock() - ticket.since >= self._tempo.quiet_s:
                ticket.move(place)

    def _give_up_waiting(self) -> None:
        """Send those away who have waited for too long; who came first has waited longest."""
        for ticket in tuple(self._waiting.values()):
            if self._clock() - ticket.since < self._limit_s:
                break
            ticket.give_up()

    def _note(self, trouble: str) -> None:
        """Log a change."""
        if trouble and not self._is_alone:
            log.warning("each replica counts its own concurrent generations", because=trouble)
        elif self._is_alone and not trouble:
            log.info("all replicas count their concurrent generations together again")
        self._is_alone = bool(trouble)

    async def _news_within(self, seconds: float | None) -> None:
        """Wait until something happens here, but no longer than that; None: however long it takes."""
        if seconds is None:
            await self._news.wait()
            return
        waiting = {asyncio.create_task(self._news.wait()), asyncio.ensure_future(self._sleep(seconds))}
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()
