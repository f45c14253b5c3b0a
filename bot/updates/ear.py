"""Listens to channels of Redis for ever: through restarts, failovers and connections that died in silence.

What is told while nobody listens is lost; so each time that it listens anew, it says so, and its owner looks
what was missed.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

import structlog
from redis.asyncio import Redis
from redis.asyncio.client import PubSub

from bot.errors import StoreError
from bot.store import store_errors

log = structlog.get_logger(__name__)

_PAUSE_S = 0.5
_SILENCE_S = 5.0
"""So often the server is asked for a sign of life; after as long a silence again the channel is left."""


class Ear:
    """One subscription to some channels; `when_open` is called whenever it begins or has begun anew."""

    def __init__(
        self,
        redis: Redis,
        channels: Sequence[str],
        *,
        when_open: Callable[[], None],
        when_told: Callable[[str], None],
        silence_s: float = _SILENCE_S,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._redis = redis
        self._channels = channels
        self._when_open = when_open
        self._when_told = when_told
        self._silence_s = silence_s
        self._sleep = sleep
        self._is_deaf = False

    async def listen(self) -> None:
        """Listen until cancelled."""
        while True:
            try:
                with store_errors():
                    async with self._redis.pubsub() as subscription:
                        await subscription.subscribe(*self._channels)
                        await self._hear(subscription)
            except StoreError as error:
                if not self._is_deaf:
                    log.warning("signals of other replicas are not heard", error=str(error))
                self._is_deaf = True
            await self._sleep(_PAUSE_S)

    async def _hear(self, subscription: PubSub) -> None:
        """Hear until there is not even a sign of life.

        It is asked for also where there is no silence: only who speaks to a node learns that the server is
        another one by now, as in a cluster, where a replica passes on what is told.
        """
        silences, asked_s = 0, time.monotonic()
        while silences <= 1:
            heard = await subscription.get_message(timeout=self._silence_s)
            silences = 0 if heard else silences + 1
            if not heard or time.monotonic() - asked_s >= self._silence_s:
                asked_s = time.monotonic()
                await subscription.ping()
            match heard:
                case {"type": "subscribe", "channel": name} if name == self._channels[0]:
                    self._note_ears()  # also after redis-py has connected anew by itself
                case {"type": "message", "data": str(text)}:
                    self._when_told(text)

    def _note_ears(self) -> None:
        if self._is_deaf:
            log.info("signals of other replicas are heard again")
        self._is_deaf = False
        self._when_open()
