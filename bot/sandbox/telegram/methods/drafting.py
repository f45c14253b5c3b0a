"""Drafts: only in private chats, never longer than a message.

How Telegram words an id of zero is not known; that it refuses it is.
"""

from bot.sandbox.telegram.abilities import Ability
from bot.sandbox.telegram.drafts import Draft
from bot.sandbox.telegram.formatted import MESSAGE_LENGTH, FormattedText, given_text, kept_text
from bot.sandbox.telegram.params import Params
from bot.sandbox.telegram.refusals import bad_request
from bot.sandbox.telegram.rich.message import RichContent, given_rich, kept_rich
from bot.sandbox.telegram.rooms import Access, Room
from bot.sandbox.telegram.state import State


def send_message_draft(state: State, params: Params) -> bool:
    """Show a draft or replace the one that is shown; no text shows as *Thinking…*."""
    given = given_text(params)
    room = _room(state, params, Ability.DRAFTS)
    text = kept_text(given)
    state.flood.spend(room.chat_id)
    if len(text.text) > MESSAGE_LENGTH:
        raise bad_request("MESSAGE_TOO_LONG")
    return _show(state, room, params, text, None)


def send_rich_message_draft(state: State, params: Params) -> bool:
    """Show a rich draft; the same chat and topic show one draft, rich or not."""
    given = given_rich(params)
    room = _room(state, params, Ability.RICH_DRAFTS)
    state.flood.spend(room.chat_id)
    return _show(state, room, params, FormattedText(), kept_rich(given, state.rich_rules, is_draft=True))


def _room(state: State, params: Params, ability: Ability) -> Room:
    room = state.rooms.find(params.text("chat_id"), Access.WRITE)
    if not room.is_private:
        raise bad_request("TEXTDRAFT_PEER_INVALID")
    room.check_thread(params.number("message_thread_id"))
    if not params.number("draft_id"):
        raise bad_request("RANDOM_ID_EMPTY")
    state.abilities.check(ability, room.chat_id)
    return room


def _show(state: State, room: Room, params: Params, text: FormattedText, rich: RichContent | None) -> bool:
    flags = params.flag("can_stop"), params.flag("keep_on_stop")
    topic_id = params.number("message_thread_id") or None
    draft = Draft(params.number("draft_id"), text, *flags, state.clock(), rich)
    state.events.publish("draft", room.chat_id, state.drafts.show(room.chat_id, topic_id, draft))
    return True


METHODS = {"sendMessageDraft": send_message_draft, "sendRichMessageDraft": send_rich_message_draft}
