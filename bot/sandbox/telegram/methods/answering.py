"""Answers to presses on buttons: free of flood control, but not forever possible."""

from bot.sandbox.telegram.params import Params
from bot.sandbox.telegram.refusals import bad_request
from bot.sandbox.telegram.state import State
from bot.sandbox.telegram.updates import QUERY_S

_LENGTH = 200


def answer_callback_query(state: State, params: Params) -> bool:
    """Say something to who pressed; the same query may be answered again."""
    query_id = params.text("callback_query_id")
    query = state.queries.get(query_id)
    if query is None or state.clock() - query.asked_at > QUERY_S:
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    text = params.text("text")
    if len(text) > _LENGTH:
        raise bad_request("MESSAGE_TOO_LONG")
    query.answer = {"callback_query_id": query_id, "text": text, "show_alert": params.flag("show_alert")}
    state.events.publish("callback_answered", query.chat_id, query.answer)
    return True


METHODS = {"answerCallbackQuery": answer_callback_query}
