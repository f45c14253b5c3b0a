"""What the bot says besides answers, under the same budget and with the same insistence."""

import structlog
from aiogram import Bot
from aiogram.exceptions import AiogramError

from bot.replies.entities import BLANKS, Rendered
from bot.replies.governor import Governor
from bot.replies.outbox import Outbox, Timer
from bot.replies.pace import Importance
from bot.replies.refusals import MessageLost
from bot.replies.wire import Frame
from bot.types import Buttons, Place

log = structlog.get_logger(__name__)


class TelegramNotices:
    """The port `Notices`, in Telegram; texts are plain, fit a message, and lose the blanks around them."""

    def __init__(self, bot: Bot, governor: Governor, timer: Timer | None = None) -> None:
        self._bot = bot
        self._governor = governor
        self._timer = timer or Timer()

    async def say(self, place: Place, text: str, buttons: Buttons = ()) -> None:
        """Send a message; in a group as a reply to the one that asked for it."""
        await self._outbox(place).send(
            Frame(Rendered(text.strip(BLANKS)), buttons), Importance.FINAL, is_first=True
        )

    async def rewrite(self, place: Place, message_id: int, text: str, buttons: Buttons = ()) -> None:
        """Replace one of the bot's own messages; one that is gone is said anew."""
        try:
            await self._outbox(place).edit(
                message_id, Frame(Rendered(text.strip(BLANKS)), buttons), Importance.FINAL
            )
        except MessageLost:
            await self.say(place, text, buttons)

    async def answer(self, callback_id: str, text: str = "", *, is_alert: bool = False) -> None:
        """Answer the press of a button; Telegram limits these by nothing but their age."""
        try:
            await self._bot.answer_callback_query(callback_id, text or None, show_alert=is_alert)
        except AiogramError as error:
            log.info("press_not_answered", error=str(error))

    def _outbox(self, place: Place) -> Outbox:
        return Outbox(self._bot, self._governor, place, self._timer)
