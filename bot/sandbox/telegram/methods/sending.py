"""Sending messages, and showing that one is being written."""

from typing import Any

from bot.sandbox.telegram.formatted import MESSAGE_LENGTH, given_text, kept_text
from bot.sandbox.telegram.keyboard import reply_markup
from bot.sandbox.telegram.params import Params
from bot.sandbox.telegram.posting import Letter, post
from bot.sandbox.telegram.refusals import bad_request
from bot.sandbox.telegram.rooms import GENERAL_TOPIC, Access, Record, Room
from bot.sandbox.telegram.state import State
from bot.sandbox.telegram.topics import check_topic

_ACTIONS = frozenset(
    {
        "cancel", "typing", "record_video", "upload_video", "record_audio", "record_voice", "upload_audio",
        "upload_voice", "upload_photo", "upload_document", "choose_sticker", "pick_up_location",
        "find_location", "record_video_note", "upload_video_note",
    }
)  # fmt: skip


Spot = tuple[int | None, Record | None]
"""The topic of a message and what it replies to."""


def send_message(state: State, params: Params) -> dict[str, Any]:
    """Send a text."""
    if not params.text("text"):
        raise bad_request("Message text is empty")
    given = given_text(params)
    reply, markup = reply_parameters(params), reply_markup(params)
    room = state.rooms.find(params.text("chat_id"), Access.WRITE)
    spot = spot_of(room, params, reply)
    text = kept_text(given)
    if not text.text:
        raise bad_request("Text must be non-empty")
    if len(text.text) > MESSAGE_LENGTH:
        raise bad_request("Message is too long")
    state.flood.spend(room.chat_id)
    return send(state, room, {**text.as_fields(), **preview(params), **shown_markup(markup)}, spot)


def send(state: State, room: Room, content: dict[str, Any], spot: Spot) -> dict[str, Any]:
    """Put a message of the bot into a chat."""
    topic_id, reply = spot
    check_topic(state, room, topic_id or (reply.topic_id if reply else None))
    return post(state, room, Letter(state.bot.as_user(), content, topic_id, reply, is_from_bot=True)).message


def reply_parameters(params: Params) -> dict[str, Any]:
    """Read what the message replies to; empty: nothing."""
    given = params.nested("reply_parameters", "reply parameters")
    if given is None or given == {}:
        return {}
    if not isinstance(given, dict):
        raise bad_request("Object expected as reply parameters")
    if "message_id" not in given:
        raise bad_request('Can\'t find field "message_id"')
    return given


def spot_of(room: Room, params: Params, reply: dict[str, Any]) -> Spot:
    """Return the topic and the message to reply to, checked in the order of the server: message, then topic."""
    replied = room.messages.get(int(reply["message_id"])) if reply else None
    if reply and replied is None and not reply.get("allow_sending_without_reply"):
        raise bad_request("message to be replied not found")
    thread_id = params.number("message_thread_id")
    room.check_thread(thread_id)
    return (thread_id if thread_id > 0 else None), replied


def shown_markup(markup: dict[str, Any] | None) -> dict[str, Any]:
    """Return the field of a message for its keyboard; only inline ones are part of it."""
    return {"reply_markup": markup} if markup and "inline_keyboard" in markup else {}


def preview(params: Params) -> dict[str, Any]:
    """Return the field of a message for the preview of its links."""
    options = params.nested("link_preview_options", "link preview options")
    return {"link_preview_options": options} if options else {}


def send_chat_action(state: State, params: Params) -> bool:
    """Show that the bot is writing; nobody remembers it."""
    action = params.text("action").lower()
    if action not in _ACTIONS:
        raise bad_request("Wrong parameter action in request")
    room = state.rooms.find(params.text("chat_id"), Access.WRITE)
    thread_id = params.number("message_thread_id")
    if thread_id != GENERAL_TOPIC:
        room.check_thread(thread_id)
    check_topic(state, room, thread_id)
    state.flood.spend(room.chat_id)
    state.events.publish("action", room.chat_id, {"action": action, "message_thread_id": thread_id or None})
    return True


METHODS = {"sendMessage": send_message, "sendChatAction": send_chat_action}
