"""Between the worker and the handlers: JSON in, aiogram's dispatcher fed."""

import json

from aiogram import Bot, Dispatcher
from aiogram.types import Update

from bot.updates.apologies import Apologies


class Hands:
    """Handles updates by the dispatcher, and apologises for those that cannot be."""

    def __init__(self, dispatcher: Dispatcher, bot: Bot, apologies: Apologies) -> None:
        self._dispatcher = dispatcher
        self._bot = bot
        self._apologies = apologies

    async def handle(self, update: str) -> None:
        """Handle one update to its end; whatever a handler raises is passed on."""
        parsed = Update.model_validate(json.loads(update), context={"bot": self._bot})
        await self._dispatcher.feed_update(self._bot, parsed)

    async def apologise(self, update: str) -> None:
        """Tell the sender that something broke."""
        await self._apologies.bury(json.loads(update), self._bot.id)
