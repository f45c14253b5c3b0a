"""Another attempt at an order that surely did not arrive, around any `LaterModel`.

An order costs money from the moment it arrives, so it is sent again only if the service did nothing: there was
no connection, or it turned the order away at the door.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable

import structlog

from bot.errors import BackendError, Overloaded
from bot.ports import LaterModel
from bot.types import Ask, Piece

log = structlog.get_logger(__name__)

_FIRST_PAUSE_S = 0.5
_LONGEST_ADVICE_S = 10.0


class RetryingLater:
    """The same model, whose orders are sent again while the service has no place for them.

    Pauses double from half a second and are spread by ±50 %, because a crowd may be ordering at once. The
    service's own advice lengthens them; advice of more than 10 s is an error at once, because a conversation
    waits.
    """

    def __init__(
        self,
        model: LaterModel,
        attempts: int = 6,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._model = model
        self._attempts = attempts
        self._sleep = sleep
        self._chance = chance

    async def order(self, ask: Ask) -> str:
        """Return the id of the first order that is taken; raise the last error if none is."""
        attempt = 1
        while True:
            try:
                return await self._model.order(ask)
            except BackendError as error:
                advice_s = (error.retry_after_s or 0.0) if isinstance(error, Overloaded) else 0.0
                if not error.was_unheard or attempt >= self._attempts or advice_s > _LONGEST_ADVICE_S:
                    raise
                log.info("ordering again", attempt=attempt, error=str(error))
            pause_s = _FIRST_PAUSE_S * 2.0 ** (attempt - 1) * (0.5 + self._chance())
            await self._sleep(max(advice_s, pause_s))
            attempt += 1

    async def outcome(self, operation_id: str) -> Piece | None:
        """Look once: whoever waits for an answer looks again anyway."""
        return await self._model.outcome(operation_id)

    async def cancel(self, operation_id: str) -> None:
        """Ask once; what is not heard costs money and does no harm."""
        await self._model.cancel(operation_id)
