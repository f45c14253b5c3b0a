"""Between the worker and the handlers: JSON in, aiogram's dispatcher fed."""

import json
from collections.abc import Callable, Iterable, Sequence

from aiogram import Bot, Dispatcher
from aiogram.enums import ChatType
from aiogram.types import Message, Update, User

from bot.updates.addressing import is_addressed
from bot.updates.apologies import Apologies
from bot.updates.lanes import calls_somebody
from bot.updates.units import messages_in


class Hands:
    """Handles updates by the dispatcher, and apologises for those that cannot be."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        bot: Bot,
        apologies: Apologies,
        me: User,
        *,
        meet: Callable[[Iterable[int]], None] = lambda _: None,
    ) -> None:
        """`meet` is told the ids of what people write in private chats."""
        self._dispatcher = dispatcher
        self._bot = bot
        self._apologies = apologies
        self._me = me
        self._meet = meet

    async def handle(self, updates: Sequence[str]) -> None:
        """Handle an update, or messages that came together, to the end; what a handler raises is passed on.

        Of several, the dispatcher sees the first that means the bot. Handlers get all of them as `together`.
        """
        parsed = [Update.model_validate(json.loads(one), context={"bot": self._bot}) for one in updates]
        event, together = parsed[0], messages_in(parsed)
        self._meet(message.message_id for message in together if _is_private(message))
        if len(parsed) > 1:
            event = event.model_copy(update={"message": self._called_by(together)})
        await self._dispatcher.feed_update(self._bot, event, together=together)

    def _called_by(self, together: Sequence[Message]) -> Message:
        return next((message for message in together if is_addressed(message, self._me)), together[0])

    async def apologise(self, updates: Sequence[str]) -> None:
        """Tell the sender that something broke; of several messages, below the one that means the bot."""
        raw = [json.loads(one) for one in updates]
        calling = (one for one in raw if calls_somebody(one.get("message") or {}, self._bot.id))
        await self._apologies.bury(next(calling, raw[0]), self._bot.id)


def _is_private(message: Message) -> bool:
    return message.chat.type == ChatType.PRIVATE and message.business_connection_id is None
