"""Ingress by long polling: Telegram hears "received" only when the update is durable.

aiogram's own polling confirms updates before their handlers end, so a crash loses them. Here the next offset is
asked for after the inbox has kept everything below it.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import structlog
from aiogram import Bot
from aiogram.exceptions import AiogramError, TelegramConflictError, TelegramUnauthorizedError
from aiogram.methods import TelegramMethod

from bot.errors import StoreError
from bot.updates.intake import Intake, is_sound
from bot.updates.lanes import KINDS
from bot.updates.troubles import Troubles

log = structlog.get_logger(__name__)

_PATIENCE_S = 5
_BREATH_S = 0.1
"""Between two polls that find nothing, where nobody waits for something to come."""
_SENTENCES: dict[type[Exception], str] = {
    TelegramConflictError: "another program polls with this token",
    StoreError: "updates cannot be kept, so Telegram keeps them",
}


class GetRawUpdates(TelegramMethod[list[dict[str, Any]]]):
    """`getUpdates` that leaves the updates as they came: the inbox keeps JSON, not objects.

    Source: https://core.telegram.org/bots/api#getupdates
    """

    __returning__ = list[dict[str, Any]]
    __api_method__ = "getUpdates"

    offset: int | None = None
    timeout: int
    allowed_updates: list[str]


class Polling:
    """Asks for updates and takes them in, until it is cancelled."""

    def __init__(
        self,
        bot: Bot,
        intake: Intake,
        *,
        timeout_s: int,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._bot = bot
        self._intake = intake
        self._timeout_s = timeout_s
        self._clock = clock
        self._sleep = sleep
        self._offset: int | None = None
        self._has_failed = False
        """After a failure one short poll tells whether it is over; a long one would keep us in the dark."""
        self._troubles = Troubles("no updates", _SENTENCES, over="updates come again", clock=clock)

    @property
    def trouble(self) -> str:
        """Why no updates come; empty: they do."""
        return self._troubles.sentence

    async def run(self) -> None:
        """Poll for ever, from whatever Telegram has not been told to forget.

        Raises:
            TelegramUnauthorizedError: the token has been revoked.
        """
        self._offset = None
        await self._delete_webhook()
        while True:
            try:
                asked_at = self._clock()
                updates = await self._ask()
                await self._keep(updates)
                if not updates and self._clock() - asked_at < _BREATH_S:
                    await self._sleep(_BREATH_S)
            except TelegramUnauthorizedError:
                raise
            except (AiogramError, StoreError) as error:
                await self._wait_after(error)
            else:
                self._has_failed = False
                self._troubles.end()

    async def _delete_webhook(self) -> None:
        """Take away one that was set before; it would keep the updates away."""
        with suppress(AiogramError):
            await self._bot.delete_webhook(request_timeout=_PATIENCE_S)

    async def _ask(self) -> list[dict[str, Any]]:
        timeout_s = 0 if self._has_failed else self._timeout_s
        method = GetRawUpdates(offset=self._offset, timeout=timeout_s, allowed_updates=list(KINDS))
        patience_s = timeout_s + int(self._bot.session.timeout or 0)
        return await self._bot(method, request_timeout=patience_s)

    async def _keep(self, updates: list[dict[str, Any]]) -> None:
        """Take them in; the offset moves past them only when all are kept."""
        sound = [update for update in updates if is_sound(update)]
        if len(sound) < len(updates):
            log.error("updates that make no sense were let go", count=len(updates) - len(sound))
        await self._intake.take(sound)
        numbers = [one["update_id"] for one in updates if type(one.get("update_id")) is int]
        if numbers:
            self._offset = numbers[-1] + 1
        elif updates:
            raise AiogramError("updates without a number come again and again")

    async def _wait_after(self, error: Exception) -> None:
        self._has_failed = True
        pause_s = self._troubles.add(error)
        if isinstance(error, TelegramConflictError) and "webhook" in str(error):
            await self._delete_webhook()
        await self._sleep(pause_s)
