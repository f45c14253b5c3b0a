"""What a bot can ask about a chat, and the little it can change in it."""

from typing import Any

from bot.sandbox.telegram.methods.sending import send
from bot.sandbox.telegram.params import Params
from bot.sandbox.telegram.refusals import bad_request
from bot.sandbox.telegram.rooms import Access, Room
from bot.sandbox.telegram.state import State

_GIFTS = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")
_RIGHTS = (
    "can_be_edited", "is_anonymous", "can_manage_chat", "can_delete_messages", "can_manage_video_chats",
    "can_restrict_members", "can_promote_members", "can_change_info", "can_invite_users",
    "can_post_stories", "can_edit_stories", "can_delete_stories", "can_send_welcome_messages",
)  # fmt: skip
_TOPIC_NAME_LENGTH = 128
_ICON_COLOR = 7322096


def get_chat(state: State, params: Params) -> dict[str, Any]:
    """Describe a chat."""
    room = state.rooms.find(params.text("chat_id"), Access.READ)
    gifts = dict.fromkeys(_GIFTS, False)
    return {**room.described, "accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": gifts}


def get_chat_member(state: State, params: Params) -> dict[str, Any]:
    """Describe somebody's place in a chat."""
    room = state.rooms.find(params.text("chat_id"), Access.READ)
    user_id = params.number("user_id")
    if user_id == state.bot.user_id:
        return _member(state.bot.as_user(), room.bot_status, is_admin=user_id in room.chat.admins)
    person = state.rooms.people.get(user_id)
    if person is None:
        raise bad_request("invalid user_id specified")
    status = "member" if user_id in room.chat.members else "left"
    return _member(person.as_user(), status, is_admin=user_id in room.chat.admins)


def get_chat_administrators(state: State, params: Params) -> list[dict[str, Any]]:
    """List the administrators of a group."""
    room = state.rooms.find(params.text("chat_id"), Access.READ)
    if room.is_private:
        raise bad_request("there are no administrators in the private chat")
    people = state.rooms.people
    return [
        _member(people[user_id].as_user(), "member", is_admin=True)
        for user_id in sorted(room.chat.admins & people.keys())
    ]


def get_chat_member_count(state: State, params: Params) -> int:
    """Count the people of a chat, and the bot."""
    room = state.rooms.find(params.text("chat_id"), Access.READ)
    return len(room.chat.members) + (room.bot_status == "member")


def _member(user: dict[str, Any], status: str, *, is_admin: bool) -> dict[str, Any]:
    if is_admin and status == "member":
        return {"user": user, "status": "administrator", **dict.fromkeys(_RIGHTS, True), "is_anonymous": False}
    member = {"user": user, "status": status}
    return {**member, "until_date": 0} if status == "kicked" else member


def leave_chat(state: State, params: Params) -> bool:
    """Leave a group."""
    room = state.rooms.find(params.text("chat_id"), Access.WRITE)
    if room.is_private:
        raise bad_request("chat member status can't be changed in private chats")
    room.bot_status = "left"
    state.events.publish("status", room.chat_id, {"status": "left"})
    return True


def create_forum_topic(state: State, params: Params) -> dict[str, Any]:
    """Open a topic in a forum, or in a private chat of a bot that has topics there."""
    room = state.rooms.find(params.text("chat_id"), Access.WRITE)
    name = params.text("name").strip()
    if not 1 <= len(name) <= _TOPIC_NAME_LENGTH:
        raise bad_request("TOPIC_TITLE_EMPTY" if not name else "TOPIC_TITLE_INVALID")
    if not _has_topics(state, room):
        raise bad_request("the chat is not a forum")
    if not room.is_private and state.bot.user_id not in room.chat.admins:
        raise bad_request("not enough rights to create a topic")
    topic = {"name": name, "icon_color": params.number("icon_color", _ICON_COLOR)}
    message = send(state, room, {"forum_topic_created": topic}, (None, None))
    topic_id = message["message_id"]
    room.chat.topics[topic_id] = name
    message |= {"message_thread_id": topic_id, "is_topic_message": True}
    return {"message_thread_id": topic_id, **topic}


def _has_topics(state: State, room: Room) -> bool:
    return state.bot.has_topics if room.is_private else room.chat.is_forum


METHODS = {
    "getChat": get_chat,
    "getChatMember": get_chat_member,
    "getChatAdministrators": get_chat_administrators,
    "getChatMemberCount": get_chat_member_count,
    "leaveChat": leave_chat,
    "createForumTopic": create_forum_topic,
}
