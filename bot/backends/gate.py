"""No more answers at a time than the service writes, around any `ModelBackend`.

The service counts open requests and refuses the one too many with 429, so those who come too many wait in a
line and are told their place in it.
"""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from bot.backends.seats import Seats
from bot.ports import ModelBackend
from bot.types import Ask, Piece, Server


class Gate:
    """The same backend, for which each ask of Yandex's models needs a seat; the seats belong to who gave them.

    It goes outside of retries and fallbacks: a seat is held through all attempts at one answer, else whoever is
    tried again would have to stand in line again. So asks that only may fall back on Yandex need one too.
    """

    def __init__(self, backend: ModelBackend, seats: Seats) -> None:
        self._backend = backend
        self._seats = seats

    async def stream(self, ask: Ask) -> AsyncGenerator[Piece, None]:
        """Yield the answer as soon as there is a seat, and the place in the line before, if that takes long.

        After places, a piece without anything says that the turn has come. Closing it in the line leaves the
        line; the seat is given back when the backend's own stream is closed.

        Raises:
            BackendTimeout: the turn has not come in time, or as the backend.
        """
        if not _needs_seat(ask):
            async with aclosing(self._backend.stream(ask)) as pieces:
                async for piece in pieces:
                    yield piece
            return
        ticket = self._seats.ask(ask.asker_id)
        try:
            while not await ticket.seated():
                yield Piece("", waiting=ticket.place)
            if ticket.place:
                yield Piece("")
            async with aclosing(self._backend.stream(ask)) as pieces:
                async for piece in pieces:
                    yield piece
        finally:
            self._seats.leave(ticket)


def _needs_seat(ask: Ask) -> bool:
    return any(model.server is Server.YANDEX for model in (ask.model, *ask.model.fallbacks))
