"""The buttons below an answer that ask the model again: whose they are, and which answer they belong to."""

import re

from aiogram.types import CallbackQuery

from bot.ports import Exchanges, Notices
from bot.presses import Act, Press, tag_of
from bot.types import Exchange
from bot.updates.introductions import Visit


def reply_id_of(press: CallbackQuery) -> str:
    """Return the id of the reply to a press: the same whenever the press is handled again."""
    return f"press:{press.id}"


def title_of(press: CallbackQuery) -> str:
    """Return the title of the chat in which a button was pressed; empty in a private chat."""
    return (press.message.chat.title if press.message else None) or ""


def obstacle(press: Press, exchange: Exchange | None, visit: Visit) -> str:
    """Return the sentence why this person cannot press this button now; empty: nothing is in the way.

    What the button says of the asker is not believed, because anybody may send any data.
    """
    if exchange is None or tag_of(exchange.turn_id) != press.tag:
        is_theirs = visit.may_act_for(press.asker_id)
        return visit.phrases.only_newest if is_theirs else visit.phrases.not_yours
    if not visit.may_act_for(exchange.asker.user_id):
        return visit.phrases.not_yours
    has_rest = press.act is not Act.CONTINUE or exchange.is_truncated
    return "" if has_rest else visit.phrases.button_expired


async def exchange_meant(
    callback_query: CallbackQuery, match: re.Match[str], visit: Visit, exchanges: Exchanges, notices: Notices
) -> Exchange | None:
    """Answer a press, and return the exchange that it is about; None: there is nothing to be done."""
    exchange = await exchanges.newest(visit.place.conversation)
    if exchange and exchange.turn_id == reply_id_of(callback_query):
        return None  # answered, and handled again because the bot died before it could say so
    reason = obstacle(Press.of(match), exchange, visit)
    await notices.answer(callback_query.id, reason)
    return None if reason else exchange
