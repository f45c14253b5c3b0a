"""How a message comes into a chat, whoever sends it: its number, its thread, what it replies to."""

from dataclasses import dataclass
from typing import Any

from bot.sandbox.telegram.rooms import Record, Room
from bot.sandbox.telegram.state import State


@dataclass(frozen=True, slots=True)
class Letter:
    """A message on its way."""

    sender: dict[str, Any]
    content: dict[str, Any]
    """The fields of its kind: text and entities, a photo and its caption, a service message …"""
    topic_id: int | None = None
    reply_to: Record | None = None
    is_from_bot: bool = False


def post(state: State, room: Room, letter: Letter) -> Record:
    """Put a message into a chat and tell the watchers; a message of the bot takes its draft away."""
    message = {
        "message_id": room.next_message_id(),
        "from": letter.sender,
        "chat": room.described,
        "date": state.now,
        **_thread(room, letter),
        **letter.content,
    }
    return keep(state, room, message, is_from_bot=letter.is_from_bot)


def keep(state: State, room: Room, message: dict[str, Any], *, is_from_bot: bool) -> Record:
    """Add a finished message to a chat."""
    record = Record(message, is_from_bot)
    record.frames.append(record.shown)
    room.keep(record)
    room.last_sender_id = message["from"]["id"]
    if is_from_bot:
        drop_draft(state, room, record.topic_id)
    state.events.publish("message", room.chat_id, message)
    return record


def drop_draft(state: State, room: Room, topic_id: int | None) -> None:
    """Take away the draft of a chat and topic, if there is one."""
    draft = state.drafts.clear(room.chat_id, topic_id)
    if draft is not None:
        gone = {"draft_id": draft.draft_id, "message_thread_id": topic_id}
        state.events.publish("draft_gone", room.chat_id, gone)


def _thread(room: Room, letter: Letter) -> dict[str, Any]:
    reply = letter.reply_to
    fields: dict[str, Any] = {}
    topic_id = letter.topic_id or (reply.topic_id if reply else None)
    if topic_id in room.chat.topics:
        fields |= {"message_thread_id": topic_id, "is_topic_message": True}
        reply = reply or _beginning(room, topic_id)
    elif room.is_plain_supergroup and reply:
        fields["message_thread_id"] = reply.message.get("message_thread_id", reply.message_id)
    if reply:
        fields["reply_to_message"] = quoted(reply)
    return fields


def _beginning(room: Room, topic_id: int | None) -> Record | None:
    """The service message that a forum's topic begins with: what says nothing else replies to it."""
    return room.history.get(topic_id or 0) if room.chat.is_forum else None


def quoted(record: Record) -> dict[str, Any]:
    """Return a message as another one shows what it replies to: without what that one replies to."""
    return {key: value for key, value in record.message.items() if key != "reply_to_message"}
