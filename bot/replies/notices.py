"""What the bot says besides answers, under the same budget and with the same insistence."""

from contextlib import suppress
from functools import partial

import structlog
from aiogram import Bot
from aiogram.exceptions import AiogramError

from bot.errors import DeliveryTimeout
from bot.replies.calls import Timer
from bot.replies.entities import BLANKS, Rendered
from bot.replies.governor import Governor
from bot.replies.journal import Doubt
from bot.replies.ledger import Ledger
from bot.replies.outbox import Outbox
from bot.replies.pace import Importance
from bot.replies.refusals import MessageLost
from bot.replies.search import Search
from bot.replies.split import split
from bot.replies.wire import Frame
from bot.types import Buttons, Place

log = structlog.get_logger(__name__)


class TelegramNotices:
    """The port `Notices`, in Telegram; texts are plain, and lose the blanks around them."""

    def __init__(self, bot: Bot, governor: Governor, ledger: Ledger, timer: Timer | None = None) -> None:
        self._bot = bot
        self._governor = governor
        self._ledger = ledger
        self._timer = timer or Timer()

    async def say(self, place: Place, text: str, buttons: Buttons = ()) -> None:
        """Send a message, or several for a long text; in a group as a reply to the one that asked for it."""
        outbox = self._outbox(place)
        search, above = Search(outbox), place.below or 0
        for index, frame in enumerate(_frames(text, buttons)):
            send = partial(outbox.send, frame, Importance.FINAL, is_first=index == 0)
            above = await search.sent(Doubt(max(above, outbox.above)), frame, send)
            await outbox.note(above)
        await search.clear()

    async def remark(self, place: Place, text: str) -> None:
        """Send a message at the end of what cannot be done again; if Telegram is slow or away, let it be."""
        with suppress(DeliveryTimeout):
            await self.say(place, text)

    async def rewrite(self, place: Place, message_id: int, text: str, buttons: Buttons = ()) -> None:
        """Replace one of the bot's own messages; if it is gone, or one is not enough, say the text anew."""
        frames = _frames(text, buttons)
        if len(frames) == 1:
            with suppress(MessageLost):
                await self._outbox(place).edit(message_id, frames[0], Importance.FINAL)
                return
        await self.say(place, text, buttons)

    async def answer(self, callback_id: str, text: str = "", *, is_alert: bool = False) -> None:
        """Answer the press of a button; Telegram limits these by nothing but their age."""
        try:
            await self._bot.answer_callback_query(callback_id, text or None, show_alert=is_alert)
        except AiogramError as error:
            log.info("press_not_answered", error=str(error))

    def _outbox(self, place: Place) -> Outbox:
        return Outbox(self._bot, self._governor, self._ledger, place, self._timer)


def _frames(text: str, buttons: Buttons) -> list[Frame]:
    *before, last = split(Rendered(text.strip(BLANKS)))
    return [*(Frame(part) for part in before), Frame(last, buttons)]
