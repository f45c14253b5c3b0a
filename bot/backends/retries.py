"""A second and a third attempt for a model that is busy, around any `ModelBackend`.

Only errors that may pass are worth it, and only before the first piece: afterwards the person has seen text,
and another attempt would cost another answer and tell another story. A place in a line is no beginning.
"""

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing

from bot.errors import BackendError, Overloaded
from bot.ports import ModelBackend
from bot.types import Ask, Piece

_FIRST_PAUSE_S = 0.5
_LONGEST_ADVICE_S = 10.0


class Retrying:
    """The same backend, which tries again after errors that may pass.

    Pauses double from half a second and are spread by ±50 %, so that a crowd does not come back at once. The
    service's own advice lengthens them; advice of more than 10 s is an error at once, because a person waits.
    """

    def __init__(
        self,
        backend: ModelBackend,
        attempts: int = 3,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._backend = backend
        self._attempts = attempts
        self._sleep = sleep
        self._chance = chance

    async def stream(self, ask: Ask) -> AsyncGenerator[Piece, None]:
        """Yield the first answer that begins; raise the last error if none does."""
        attempt, has_begun = 0, False
        while True:
            attempt += 1
            try:
                async with aclosing(self._backend.stream(ask)) as pieces:
                    async for piece in pieces:
                        has_begun = has_begun or not piece.waiting
                        yield piece
            except BackendError as error:
                if has_begun or attempt >= self._attempts or not _is_worth_another(error):
                    raise
                pause_s = self._pause_s(attempt, error)
            else:
                return
            await self._sleep(pause_s)

    def _pause_s(self, attempt: int, error: BackendError) -> float:
        jitter = 0.5 + self._chance()
        return max(_advice_s(error), _FIRST_PAUSE_S * 2.0 ** (attempt - 1) * jitter)


def _is_worth_another(error: BackendError) -> bool:
    return error.is_transient and _advice_s(error) <= _LONGEST_ADVICE_S


def _advice_s(error: BackendError) -> float:
    return (error.retry_after_s or 0.0) if isinstance(error, Overloaded) else 0.0
