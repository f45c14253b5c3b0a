"""Where Telegram delivers to: set at the start, looked at now and then, set again when somebody changed it.

It stays set when the bot stops, because other replicas may go on, and what comes meanwhile waits at Telegram.
Polling takes it away when it begins.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from urllib.parse import urlsplit

import structlog
from aiogram import Bot
from aiogram.exceptions import (
    AiogramError,
    ClientDecodeError,
    TelegramBadRequest,
    TelegramNotFound,
    TelegramUnauthorizedError,
)
from aiogram.types import WebhookInfo

from bot.updates.lanes import KINDS
from bot.updates.troubles import Troubles

log = structlog.get_logger(__name__)

_CONNECTIONS = 100
"""The most that Telegram opens: each is busy for milliseconds, and a chat's next update waits for its turn."""


class Registration:
    """Keeps the webhook set, until it is cancelled."""

    def __init__(
        self,
        bot: Bot,
        url: str,
        secret: str,
        *,
        look_every_s: float = 60.0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._bot = bot
        self._url = url
        self._secret = secret
        self._look_every_s = look_every_s
        self._sleep = sleep
        self._troubles = Troubles("telegram does not answer", {}, over="telegram answers again", clock=clock)
        self._was_set = False
        self._was_there = False
        """Whether Telegram has taken this address before, perhaps from another replica."""
        self._failed_at: datetime | None = None
        self._is_failing = False

    @property
    def trouble(self) -> str:
        """Why no updates come; empty: they do, or Telegram has not told otherwise."""
        return "" if self._was_set else self._troubles.sentence or "the webhook was not set yet"

    async def run(self) -> None:
        """Set it and look after it, for ever.

        Raises:
            TelegramUnauthorizedError: Telegram does not know the token any more.
            TelegramBadRequest: it does not take the address, and never has.
        """
        is_set = False
        while True:
            try:
                is_set = await (self._is_still_set() if is_set else self._set())
            except TelegramUnauthorizedError:
                raise
            except AiogramError as error:
                if isinstance(error, TelegramBadRequest) and not (self._was_set or self._was_there):
                    raise
                await self._sleep(self._troubles.add(error))
                continue
            self._troubles.end()
            if is_set:
                await self._sleep(self._look_every_s)

    async def _set(self) -> bool:
        before = await self._look()
        self._was_there = self._was_there or (before is not None and before.url == self._url)
        await self._bot.set_webhook(
            self._url,
            max_connections=_CONNECTIONS,
            allowed_updates=list(KINDS),
            drop_pending_updates=False,
            secret_token=self._secret,
        )
        if before or not self._was_set:
            log.info("webhook set", host=urlsplit(self._url).hostname)
        self._was_set, self._failed_at = True, before.last_error_date if before else None
        return True

    async def _is_still_set(self) -> bool:
        info = await self._look()
        if info is None:
            return False
        if info.url != self._url:
            log.warning("somebody changed the webhook", host=urlsplit(info.url).hostname or "none: deleted")
            return False
        self._note_failures(info)
        return True

    async def _look(self) -> WebhookInfo | None:
        """Return what is set; None if this server does not tell, and it is set again at every look."""
        try:
            return await self._bot.get_webhook_info()
        except (TelegramNotFound, ClientDecodeError) as error:
            log.debug("webhook not told", error=str(error))
            return None

    def _note_failures(self, info: WebhookInfo) -> None:
        """Log once an episode what Telegram says of its deliveries since the last look.

        It tries more seldom than we look: as long as something waits there, nothing is over.
        """
        waiting = info.pending_update_count
        is_failing = info.last_error_date not in {None, self._failed_at} or (self._is_failing and waiting > 0)
        if is_failing and not self._is_failing:
            log.warning("telegram could not deliver", error=info.last_error_message, waiting=waiting)
        elif self._is_failing and not is_failing:
            log.info("telegram delivers again")
        self._is_failing, self._failed_at = is_failing, info.last_error_date
