"""Continue: the model goes on with an answer that was cut by its limit, in a new message below."""

import re
from dataclasses import replace

from aiogram import Router
from aiogram.types import CallbackQuery

from bot.conversation import Conversations
from bot.ports import Exchanges, Notices
from bot.presses import Act, pattern
from bot.question import Question
from bot.texts import PHRASES
from bot.types import Exchange
from bot.updates.buttons import exchange_meant, reply_id_of, title_of
from bot.updates.filters import pressed
from bot.updates.introductions import Visit


def build_router() -> Router:
    """Return a router of this feature."""
    router = Router(name=__name__)
    router.callback_query.register(go_on, pressed(pattern(Act.CONTINUE)))
    return router


async def go_on(
    callback_query: CallbackQuery,
    match: re.Match[str],
    visit: Visit,
    exchanges: Exchanges,
    conversations: Conversations,
    notices: Notices,
) -> None:
    """Ask for the rest, as a turn of its own, under the prompt that has written the beginning."""
    exchange = await exchange_meant(callback_query, match, visit, exchanges, notices)
    if exchange is not None:
        await conversations.answer(_rest_of(exchange, callback_query, visit))


def _rest_of(exchange: Exchange, press: CallbackQuery, visit: Visit) -> Question:
    """Return the question for the rest, in the language and the name of the one who asked."""
    return Question(
        id=reply_id_of(press),
        text=PHRASES[exchange.asker.language].go_on,
        person=exchange.asker,
        place=replace(visit.place, reply_to=visit.place.below if visit.place.is_group else None),
        chat_title=title_of(press),
        prompt=exchange.prompt,
        is_continuation=True,
    )
