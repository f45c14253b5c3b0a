"""Show it to: another prompt, which can see, answers the question whose pictures were not seen."""

import re
from dataclasses import replace

from aiogram import Router
from aiogram.types import CallbackQuery

from bot.conversation import Conversations
from bot.ports import Exchanges, Notices
from bot.presses import SHOWING, Showing, tag_of
from bot.promptbook import Prompt
from bot.question import Question
from bot.types import Exchange
from bot.updates.buttons import reply_id_of, title_of
from bot.updates.filters import pressed
from bot.updates.introductions import Visit


def build_router() -> Router:
    """Return a router of this feature."""
    router = Router(name=__name__)
    router.callback_query.register(show, pressed(SHOWING))
    return router


async def show(
    callback_query: CallbackQuery,
    match: re.Match[str],
    visit: Visit,
    exchanges: Exchanges,
    conversations: Conversations,
    notices: Notices,
) -> None:
    """Let the prompt of the button answer from now on, and this question at once, in the same messages."""
    exchange = await exchanges.newest(visit.place.conversation)
    if exchange and exchange.turn_id == reply_id_of(callback_query):
        return  # answered, and handled again because the bot died before it could say so
    showing = Showing.of(match)
    if exchange is None or tag_of(exchange.turn_id) != showing.tag:
        await notices.answer(callback_query.id, visit.phrases.show_too_late, is_alert=True)
        return
    if not visit.may_act_for(exchange.asker.user_id):
        await notices.answer(callback_query.id, visit.phrases.not_yours)
        return
    prompt = await conversations.choose_prompt(visit.place, showing.prompt)
    if prompt is None:
        await notices.answer(callback_query.id, visit.phrases.button_expired)
        return
    title = prompt.title_for(visit.person.language)
    await notices.answer(callback_query.id, visit.phrases.prompt_chosen.format(title=title))
    await conversations.answer(_shown_to(prompt, exchange, callback_query, visit))


def _shown_to(prompt: Prompt, exchange: Exchange, press: CallbackQuery, visit: Visit) -> Question:
    place = replace(visit.place, reply_to=exchange.question_id if visit.place.is_group else None)
    again = Question.again(exchange, place, reply_id=reply_id_of(press), chat_title=title_of(press))
    return replace(again, prompt=prompt.name)
