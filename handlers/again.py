"""Again: the newest question is answered once more, in the messages of its answer."""

import re
from dataclasses import replace

from aiogram import Router
from aiogram.types import CallbackQuery

from bot.conversation import Conversations
from bot.ports import Exchanges, Notices
from bot.presses import Act, pattern
from bot.question import Question
from bot.updates.buttons import exchange_meant, reply_id_of, title_of
from bot.updates.filters import pressed
from bot.updates.introductions import Visit


def build_router() -> Router:
    """Return a router of this feature."""
    router = Router(name=__name__)
    router.callback_query.register(answer_again, pressed(pattern(Act.AGAIN)))
    return router


async def answer_again(
    callback_query: CallbackQuery,
    match: re.Match[str],
    visit: Visit,
    exchanges: Exchanges,
    conversations: Conversations,
    notices: Notices,
) -> None:
    """Ask the same question under the same prompt, without the answer that is replaced."""
    exchange = await exchange_meant(callback_query, match, visit, exchanges, notices)
    if exchange is None:
        return
    place = replace(visit.place, reply_to=exchange.question_id if visit.place.is_group else None)
    reply_id, title = reply_id_of(callback_query), title_of(callback_query)
    await conversations.answer(Question.again(exchange, place, reply_id=reply_id, chat_title=title))
