"""Changing and deleting messages."""

from typing import Any

from bot.sandbox.telegram.abilities import Ability
from bot.sandbox.telegram.formatted import MESSAGE_LENGTH, given_text, kept_text
from bot.sandbox.telegram.keyboard import inline_markup
from bot.sandbox.telegram.methods.sending import preview, shown_markup
from bot.sandbox.telegram.params import Params
from bot.sandbox.telegram.refusals import bad_request
from bot.sandbox.telegram.rich.message import given_rich, kept_rich
from bot.sandbox.telegram.rooms import Access, Record, Room
from bot.sandbox.telegram.state import State
from bot.sandbox.telegram.topics import check_topic

_NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current "
    "content and reply markup of the message"
)
_AT_ONCE = 100
_DELETABLE_S = 48 * 60 * 60
TEXT = frozenset({"text", "entities", "link_preview_options", "rich_message"})
"""The fields of a message that make up its text."""

_NOT_COMPARED = frozenset({"link_preview_options"})


def edit_message_text(state: State, params: Params) -> dict[str, Any]:
    """Replace text and keyboard; a keyboard that is not given again goes; text may become a rich message."""
    is_rich = bool(params.text("rich_message")) and not state.abilities.is_unknown(Ability.RICH)
    if is_rich and params.text("text"):
        raise bad_request("exactly one of the parameters text and rich_message must be used")
    return _edit_rich(state, params) if is_rich else _edit_text(state, params)


def _edit_rich(state: State, params: Params) -> dict[str, Any]:
    given, markup = given_rich(params), inline_markup(params)
    room, record = _text_record(state, params)
    state.abilities.check(Ability.RICH, room.chat_id)
    state.flood.spend(room.chat_id)
    content = kept_rich(given, state.rich_rules)
    message = changed(state, room, record, {**content.as_fields(), **shown_markup(markup)}, TEXT)
    record.rich_source = content.source
    return message


def _edit_text(state: State, params: Params) -> dict[str, Any]:
    if not params.text("text"):
        raise bad_request("Message text is empty")
    given, markup = given_text(params), inline_markup(params)
    room, record = _text_record(state, params)
    text = kept_text(given)
    if not text.text:
        raise bad_request("Text must be non-empty")
    state.flood.spend(room.chat_id)
    if len(text.text) > MESSAGE_LENGTH:
        raise bad_request("MESSAGE_TOO_LONG")
    return changed(state, room, record, {**text.as_fields(), **preview(params), **shown_markup(markup)}, TEXT)


def _text_record(state: State, params: Params) -> tuple[Room, Record]:
    room, record = editable(state, params)
    if not {"text", "rich_message"} & record.message.keys():
        raise bad_request("there is no text in the message to edit")
    return room, record


def edit_message_reply_markup(state: State, params: Params) -> dict[str, Any]:
    """Replace or take away the keyboard."""
    markup = inline_markup(params)
    room, record = editable(state, params)
    state.flood.spend(room.chat_id)
    return changed(state, room, record, shown_markup(markup), frozenset())


def editable(state: State, params: Params) -> tuple[Room, Record]:
    """Return the message that a call wants to change, and its chat.

    Raises:
        Refusal: there is none, or it is not the bot's.
    """
    if not params.text("chat_id") and not params.number("message_id"):
        raise bad_request("Message identifier is not specified")
    room = state.rooms.find(params.text("chat_id"), Access.EDIT)
    record = room.record(params.number("message_id"), "message to edit")
    if not record.is_from_bot:
        raise bad_request("message can't be edited")
    return room, record


def changed(
    state: State, room: Room, record: Record, fields: dict[str, Any], replaced: frozenset[str]
) -> dict[str, Any]:
    """Put new fields in the place of those that are replaced and of the keyboard; returns the message.

    Raises:
        Refusal: nothing would change, or the topic was closed.
    """
    compared = {*replaced, "reply_markup"} - _NOT_COMPARED
    if all(record.message.get(name) == fields.get(name) for name in compared):
        raise bad_request(_NOT_MODIFIED)
    check_topic(state, room, record.topic_id)
    rest = {name: value for name, value in record.message.items() if name not in {*replaced, "reply_markup"}}
    record.message = {**rest, "edit_date": state.now, **fields}
    if replaced:
        record.rich_source = None
        record.frames.append(record.shown)
    state.events.publish("edited", room.chat_id, record.message)
    return record.message


def delete_message(state: State, params: Params) -> bool:
    """Delete one message."""
    if not params.text("chat_id"):
        raise bad_request("Chat identifier is not specified")
    if not params.number("message_id"):
        raise bad_request("Message identifier is not specified")
    room = state.rooms.find(params.text("chat_id"), Access.WRITE)
    record = room.record(params.number("message_id"), "message to delete")
    _delete(state, room, record)
    return True


def delete_messages(state: State, params: Params) -> bool:
    """Delete many; those that are not there are passed over."""
    given = params.nested("message_ids", "message identifiers")
    if not isinstance(given, list) or not given:
        raise bad_request("Message identifiers are not specified")
    if len(given) > _AT_ONCE:
        raise bad_request("Too many message identifiers specified")
    room = state.rooms.find(params.text("chat_id"), Access.WRITE)
    for record in [room.messages[message_id] for message_id in map(int, given) if message_id in room.messages]:
        _delete(state, room, record)
    return True


def _delete(state: State, room: Room, record: Record) -> None:
    is_allowed = record.is_from_bot or room.is_private or state.bot.user_id in room.chat.admins
    if not is_allowed or state.now - record.message["date"] > _DELETABLE_S:
        raise bad_request("message can't be deleted")
    del room.messages[record.message_id]
    state.events.publish("deleted", room.chat_id, {"message_id": record.message_id})


METHODS = {
    "editMessageText": edit_message_text,
    "editMessageReplyMarkup": edit_message_reply_markup,
    "deleteMessage": delete_message,
    "deleteMessages": delete_messages,
}
