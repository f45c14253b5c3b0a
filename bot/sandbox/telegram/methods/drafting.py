"""Drafts: only in private chats, never longer than a message.

How Telegram words an id of zero is not known; that it refuses it is.
"""

from bot.sandbox.telegram.drafts import Draft
from bot.sandbox.telegram.formatted import MESSAGE_LENGTH, given_text, kept_text
from bot.sandbox.telegram.params import Params
from bot.sandbox.telegram.refusals import bad_request
from bot.sandbox.telegram.rooms import Access
from bot.sandbox.telegram.state import State


def send_message_draft(state: State, params: Params) -> bool:
    """Show a draft or replace the one that is shown; no text shows as *Thinking…*."""
    given = given_text(params)
    room = state.rooms.find(params.text("chat_id"), Access.WRITE)
    if not room.is_private:
        raise bad_request("TEXTDRAFT_PEER_INVALID")
    thread_id = params.number("message_thread_id")
    room.check_thread(thread_id)
    draft_id = params.number("draft_id")
    if not draft_id:
        raise bad_request("RANDOM_ID_EMPTY")
    text = kept_text(given)
    state.flood.spend(room.chat_id)
    if len(text.text) > MESSAGE_LENGTH:
        raise bad_request("MESSAGE_TOO_LONG")
    draft = Draft(draft_id, text, params.flag("can_stop"), params.flag("keep_on_stop"), state.clock())
    topic_id = thread_id or None
    state.drafts.show(room.chat_id, topic_id, draft)
    state.events.publish("draft", room.chat_id, draft.as_payload(topic_id))
    return True


METHODS = {"sendMessageDraft": send_message_draft}
