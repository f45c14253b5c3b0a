"""Sending rich messages."""

from typing import Any

from bot.sandbox.telegram.abilities import Ability
from bot.sandbox.telegram.keyboard import reply_markup
from bot.sandbox.telegram.methods.sending import reply_parameters, send, shown_markup, spot_of
from bot.sandbox.telegram.params import Params
from bot.sandbox.telegram.rich.message import given_rich, kept_rich
from bot.sandbox.telegram.rooms import Access
from bot.sandbox.telegram.state import State


def send_rich_message(state: State, params: Params) -> dict[str, Any]:
    """Send a rich message; flood control counts it before it is parsed, because Telegram's servers parse."""
    given = given_rich(params)
    reply, markup = reply_parameters(params), reply_markup(params)
    room = state.rooms.find(params.text("chat_id"), Access.WRITE)
    spot = spot_of(room, params, reply)
    state.abilities.check(Ability.RICH, room.chat_id)
    state.flood.spend(room.chat_id)
    content = kept_rich(given, state.rich_rules)
    message = send(state, room, {**content.as_fields(), **shown_markup(markup)}, spot)
    room.messages[message["message_id"]].rich_source = content.source
    return message


METHODS = {"sendRichMessage": send_rich_message}
