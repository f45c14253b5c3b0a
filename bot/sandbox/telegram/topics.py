"""Topics of forums: how they begin, and how administrators close them."""

from typing import Any

from bot.sandbox.telegram.posting import Letter, keep, post
from bot.sandbox.telegram.refusals import bad_request
from bot.sandbox.telegram.rooms import Room
from bot.sandbox.telegram.state import State


def set_topic_open(state: State, chat_id: int, topic_id: int, *, is_open: bool) -> None:
    """Close a topic of a forum or open it again, as an administrator does; what the bot hears is a message.

    Raises:
        KeyError: there is no such topic.
    """
    room = state.rooms[chat_id]
    if topic_id not in room.chat.topics:
        raise KeyError(topic_id)
    what = "forum_topic_reopened" if is_open else "forum_topic_closed"
    sender = _creator(state, room) or state.bot.as_user()
    record = post(state, room, Letter(sender, {what: {}}, topic_id))
    room.closed_topics = room.closed_topics - {topic_id} if is_open else room.closed_topics | {topic_id}
    if room.bot_status == "member":
        state.updates.put("message", record.message, lane=chat_id)


def open_topics(state: State, room: Room) -> None:
    """Put in the service messages that a forum's topics begin with."""
    sender = state.bot.as_user()
    for topic_id, name in room.chat.topics.items():
        message = {
            "message_id": topic_id,
            "from": _creator(state, room) or sender,
            "chat": room.described,
            "date": state.now,
            "message_thread_id": topic_id,
            "is_topic_message": True,
            "forum_topic_created": {"name": name, "icon_color": 7322096},
        }
        keep(state, room, message, is_from_bot=False)


def _creator(state: State, room: Room) -> dict[str, Any] | None:
    members = sorted(room.chat.members & state.rooms.people.keys())
    return state.rooms.people[members[0]].as_user() if members else None


def check_topic(state: State, room: Room, topic_id: int | None) -> None:
    """Check that a topic is open to the bot; to administrators it always is.

    Raises:
        Refusal: it was closed.
    """
    if topic_id in room.closed_topics and state.bot.user_id not in room.chat.admins:
        raise bad_request("TOPIC_CLOSED")
