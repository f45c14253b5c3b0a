"""One question in the line for a seat, from its coming to its end."""

import asyncio

from bot.errors import BackendTimeout, WaitedFor


class Ticket:
    """What whoever asks holds in hand; `bot.backends.seats` decides on it."""

    def __init__(self, name: str, since: float, limit_s: float) -> None:
        self.name = name
        """Unlike that of any other ticket of any process."""
        self.since = since
        """When it was taken, by the clock of the seats."""
        self.place = 0
        """In the line of all replicas, from 1; 0: not known, or not worth telling yet."""
        self._limit_s = limit_s
        self._is_seated = False
        self._is_given_up = False
        self._news = asyncio.Event()

    async def seated(self) -> bool:
        """Wait for the seat, or for another place in the line; return whether it is the seat.

        Raises:
            BackendTimeout: neither will ever come, because it has taken too long.
        """
        await self._news.wait()
        self._news.clear()
        if self._is_given_up and not self._is_seated:
            raise BackendTimeout(WaitedFor.SEAT, self._limit_s)
        return self._is_seated

    def seat(self) -> None:
        """Let it have a seat."""
        self._is_seated = True
        self._news.set()

    def move(self, place: int) -> None:
        """Let it have this place in the line."""
        if place != self.place:
            self.place = place
            self._news.set()

    def give_up(self) -> None:
        """Let it wait no longer."""
        self._is_given_up = True
        self._news.set()
