"""The line to Telegram: whether calls get through, told once an episode and not once a call.

Polls are told of by their ingress. A refusal is an answer too: the line is well.

Before a call it is seen that whoever makes it may still do so: see `Worker.confirm`.
"""

import math
import time
from collections.abc import Awaitable, Callable

from aiogram import Bot
from aiogram.client.session.middlewares.base import BaseRequestMiddleware, NextRequestMiddlewareType
from aiogram.exceptions import (
    AiogramError,
    ClientDecodeError,
    TelegramNetworkError,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.methods import Response, TelegramMethod
from aiogram.methods.base import TelegramType

from bot.updates.troubles import Troubles

_UNHEARD = (ClientDecodeError, TelegramNetworkError, TelegramServerError)
_SENTENCES: dict[type[Exception], str] = {
    TelegramUnauthorizedError: "telegram does not know the token any more"
}
_POLL = "getUpdates"
_STALE_S = 60.0
"""What is wrong with the newest call tells nothing any more, if nobody has called for so long."""


async def _anybody() -> None:
    """Let everybody call."""


class Line(BaseRequestMiddleware):
    """Sees every call of a session."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.permit: Callable[[], Awaitable[None]] = _anybody
        """Ends who may call no more."""
        self._clock = clock
        self._failed_at = -math.inf
        over = "telegram takes calls again"
        self._troubles = Troubles("telegram does not take calls", _SENTENCES, over=over, clock=clock)

    @property
    def trouble(self) -> str:
        """Why calls do not get through; empty: the newest one did, or it was long ago."""
        return self._troubles.sentence if self._clock() - self._failed_at < _STALE_S else ""

    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
    ) -> Response[TelegramType]:
        """Call, and take note of what became of it."""
        if method.__api_method__ == _POLL:
            return await make_request(bot, method)
        await self.permit()
        try:
            response = await make_request(bot, method)
        except (*_UNHEARD, TelegramUnauthorizedError) as error:
            self._failed_at = self._clock()
            self._troubles.add(error)
            raise
        except AiogramError:
            self._troubles.end()
            raise
        self._troubles.end()
        return response
