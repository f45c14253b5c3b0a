"""A line before something that only one at a time may do: people take turns in it, however much each wants.

Whoever comes with many wishes stands in it once for each, but after each of them lets all others pass who were
there meanwhile. So somebody with a single wish waits for one wish of each of the others at most.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager


class Line:
    """The line of one process."""

    def __init__(self) -> None:
        self._is_taken = False
        self._served: Hashable = None
        """Who was called last: somebody else goes before."""
        self._waiting: dict[Hashable, deque[asyncio.Future[None]]] = {}
        """Who is next stands first; nobody stands here without a wish."""

    @asynccontextmanager
    async def first(self, asker_id: int = 0) -> AsyncIterator[None]:
        """Be alone while the context is open; 0 is nobody in particular. Whoever is cancelled leaves it."""
        await self._stand(asker_id)
        try:
            yield
        finally:
            self._pass_on()

    async def _stand(self, asker_id: int) -> None:
        if not self._is_taken:
            self._is_taken, self._served = True, asker_id
            return
        place = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(asker_id or place, deque()).append(place)
        try:
            await place
        except asyncio.CancelledError:
            if not place.cancelled():  # it was called while it was leaving
                self._pass_on()
            raise

    def _pass_on(self) -> None:
        """Call the next one; those who left are passed over."""
        while self._waiting:
            first = next(iter(self._waiting))
            asker = next((one for one in self._waiting if one != self._served), first)
            places = self._waiting.pop(asker)
            place = places.popleft()
            if places:
                self._waiting[asker] = places
            if not place.done():
                self._served = asker
                place.set_result(None)
                return
        self._is_taken = False
