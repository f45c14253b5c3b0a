"""Ingress by long polling: Telegram hears "received" only when the update is durable.

aiogram's own polling confirms updates before their handlers end, so a crash loses them. Here the next offset is
asked for after the inbox has kept everything below it.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import structlog
from aiogram import Bot
from aiogram.exceptions import (
    AiogramError,
    TelegramConflictError,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiogram.methods import TelegramMethod

from bot.errors import StoreError
from bot.updates.inbox import RedisInbox
from bot.updates.lanes import KINDS, enveloped

log = structlog.get_logger(__name__)

Notice = Callable[[dict[str, Any]], Awaitable[None]]
"""Tells the sender of a raw update that it has to wait."""

_SLOWEST_S = 15.0
_PATIENCE_S = 5


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
    """Asks for updates and puts them into the inbox, until it is cancelled."""

    def __init__(
        self,
        bot: Bot,
        inbox: RedisInbox,
        *,
        timeout_s: int,
        when_kept_waiting: Notice,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._bot = bot
        self._inbox = inbox
        self._timeout_s = timeout_s
        self._when_kept_waiting = when_kept_waiting
        self._sleep = sleep
        self._offset: int | None = None
        self._failures = 0
        self._trouble = ""

    async def run(self) -> None:
        """Poll for ever.

        Raises:
            TelegramUnauthorizedError: the token has been revoked.
        """
        while True:
            try:
                updates = await self._ask()
                await self._keep(updates)
            except TelegramUnauthorizedError:
                raise
            except (AiogramError, StoreError) as error:
                await self._wait_after(error)
            else:
                self._recovered()

    async def _ask(self) -> list[dict[str, Any]]:
        method = GetRawUpdates(offset=self._offset, timeout=self._timeout_s, allowed_updates=list(KINDS))
        patience_s = self._timeout_s + int(self._bot.session.timeout or 0)
        return await self._bot(method, request_timeout=patience_s)

    async def _keep(self, updates: list[dict[str, Any]]) -> None:
        """Put them in order; the offset moves past each one only when it is kept."""
        for index, update in enumerate(updates):
            if envelope := enveloped(update, self._bot.id):
                try:
                    await self._inbox.put(envelope)
                except StoreError:
                    await asyncio.gather(*map(self._when_kept_waiting, updates[index:]))
                    raise
            self._offset = int(update["update_id"]) + 1

    async def _wait_after(self, error: Exception) -> None:
        trouble = type(error).__name__
        if trouble != self._trouble:
            log.error(_TROUBLES.get(type(error), "no updates"), error=str(error))  # one line an episode
        self._trouble = trouble
        self._failures += 1
        if isinstance(error, TelegramConflictError) and "webhook" in str(error):
            with suppress(AiogramError):
                await self._bot.delete_webhook(request_timeout=_PATIENCE_S)
        advised_s = error.retry_after if isinstance(error, TelegramRetryAfter) else 0.0
        await self._sleep(max(advised_s, min(_SLOWEST_S, 0.5 * 2 ** min(self._failures - 1, 5))))

    def _recovered(self) -> None:
        if self._trouble:
            log.info("updates come again", after_failures=self._failures)
        self._trouble, self._failures = "", 0


_TROUBLES: dict[type[Exception], str] = {
    TelegramConflictError: "another program polls with this token",
    StoreError: "updates cannot be kept, so Telegram keeps them",
}
