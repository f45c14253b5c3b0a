"""What people do: write, press, stop, block, turn groups into supergroups; and what the bot hears of it.

With privacy, a bot hears in groups only commands, mentions of itself and replies to itself, unless it is an
administrator.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from bot.sandbox.telegram.accounts import Chat
from bot.sandbox.telegram.entities import Kind, utf16_length
from bot.sandbox.telegram.formatted import FormattedText, kept_text
from bot.sandbox.telegram.media import KINDS
from bot.sandbox.telegram.posting import Letter, drop_draft, keep, post
from bot.sandbox.telegram.rooms import Record, Room
from bot.sandbox.telegram.state import Query, State
from bot.sandbox.telegram.updates import QUERY_S, callback_lane

_ANONYMOUS = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
"""Who announces that a supergroup was a group."""

_FIRST_QUERY = 4_000_000_000_000_001


class ImpossibleError(ValueError):
    """Nobody could do that in a real chat."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where in a chat something is said."""

    topic_id: int | None = None
    reply_to: int | None = None
    quote: str = ""
    """The part of the message replied to that the person selected; empty: the whole of it."""


def say(state: State, chat_id: int, user_id: int, text: str, spot: Spot) -> dict[str, Any]:
    """Write a text; what Telegram finds in it becomes entities.

    Raises:
        ImpossibleError: it is empty, or that person cannot write there.
    """
    formatted = kept_text(FormattedText(text))
    if not formatted.text:
        raise ImpossibleError("nobody can send an empty message")
    return send(state, chat_id, user_id, {**_quote(state, chat_id, spot), **formatted.as_fields()}, spot)


def _quote(state: State, chat_id: int, spot: Spot) -> dict[str, Any]:
    """Return the field of a message for the part that it replies to.

    Raises:
        ImpossibleError: nothing is replied to, or there is no such part in it.
    """
    if not spot.quote:
        return {}
    record = state.rooms[chat_id].messages.get(spot.reply_to or 0)
    before, found, _ = record.shown.partition(spot.quote) if record else ("", "", "")
    if not found:
        raise ImpossibleError(f"{spot.quote!r} is not in the message replied to")
    return {"quote": {"text": spot.quote, "position": utf16_length(before), "is_manual": True}}


def send(state: State, chat_id: int, user_id: int, content: dict[str, Any], spot: Spot) -> dict[str, Any]:
    """Send any message; `content` has the fields of its kind, such as `voice` or `photo`."""
    room = _room_of(state, chat_id, user_id)
    reply = room.messages.get(spot.reply_to) if spot.reply_to else None
    if spot.reply_to and reply is None:
        raise ImpossibleError(f"there is no message {spot.reply_to} to reply to")
    if spot.topic_id is not None and spot.topic_id not in room.chat.topics:
        raise ImpossibleError(f"there is no topic {spot.topic_id}")
    is_meant = _is_heard(state, room, content, reply)
    record = post(state, room, Letter(state.rooms.people[user_id].as_user(), content, spot.topic_id, reply))
    if is_meant:
        state.updates.put("message", record.message, lane=chat_id)
    return record.message


def _room_of(state: State, chat_id: int, user_id: int) -> Room:
    if user_id not in state.rooms.people:
        raise ImpossibleError(f"nobody is {user_id}")
    room = state.rooms.private(user_id) if chat_id == user_id else state.rooms[chat_id]
    if room.is_private and room.chat_id != user_id:
        raise ImpossibleError("nobody writes in another person's private chat")
    _check_open(room)
    room.chat.members.add(user_id)
    return room


def _check_open(room: Room) -> None:
    if (room.is_private and room.bot_status != "member") or room.moved_to is not None:
        raise ImpossibleError("nobody can write there any more")


def _is_heard(state: State, room: Room, content: dict[str, Any], reply: Record | None) -> bool:
    if room.is_private:
        return True
    if room.bot_status != "member":
        return False
    if not state.bot.privacy or state.bot.user_id in room.chat.admins:
        return True
    if reply is not None and reply.is_from_bot:
        return True
    return any(_names_bot(state, content, entity) for entity in _entities(content))


def _entities(content: dict[str, Any]) -> Iterable[dict[str, Any]]:
    return content.get("entities") or content.get("caption_entities") or ()


def _names_bot(state: State, content: dict[str, Any], entity: dict[str, Any]) -> bool:
    text = (content.get("text") or content.get("caption") or "").encode("utf-16-le")
    piece = text[2 * entity["offset"] : 2 * (entity["offset"] + entity["length"])].decode("utf-16-le").lower()
    own_name = f"@{state.bot.username.lower()}"
    if entity["type"] == Kind.BOT_COMMAND:
        return "@" not in piece or piece.endswith(own_name)
    return bool(entity["type"] == Kind.MENTION and piece == own_name)


def edit(state: State, chat_id: int, message_id: int, text: str) -> dict[str, Any]:
    """Change the text or caption of a person's own message; the bot hears of it if it would have heard it.

    Raises:
        ImpossibleError: it is not theirs, nothing is left of it, or nobody can write there any more.
    """
    room = state.rooms[chat_id]
    record = room.messages[message_id]
    prefix = "caption_" if KINDS & record.message.keys() else ""
    if record.is_from_bot or not (prefix or "text" in record.message):
        raise ImpossibleError("people edit their own texts and captions only")
    _check_open(room)
    fields = kept_text(FormattedText(text)).as_fields(prefix)
    if not (fields or prefix):
        raise ImpossibleError("nobody can empty a message")
    replaced = {f"{prefix}entities", "caption" if prefix else "text"}
    rest = {key: value for key, value in record.message.items() if key not in replaced}
    record.message = {**rest, "edit_date": state.now, **fields}
    record.frames.append(record.shown)
    answered = record.message.get("reply_to_message", {}).get("message_id")
    if _is_heard(state, room, fields, room.history.get(answered)):
        state.updates.put("edited_message", record.message, lane=chat_id)
    state.events.publish("edited", chat_id, record.message)
    return record.message


def delete_message(state: State, chat_id: int, message_id: int) -> None:
    """Delete a message; the bot is not told."""
    if state.rooms[chat_id].messages.pop(message_id, None) is not None:
        state.events.publish("deleted", chat_id, {"message_id": message_id})


@dataclass(frozen=True, slots=True)
class Press:
    """A press on a button: who, and what the button carries."""

    user_id: int
    data: str
    is_forged: bool = False
    """Whether the client made the data up; Telegram lets it."""


def press(state: State, chat_id: int, message_id: int, pressed: Press) -> str:
    """Press a button of a message; returns the id of the query.

    Raises:
        ImpossibleError: the message has no such button.
    """
    user_id, data = pressed.user_id, pressed.data
    message = state.rooms[chat_id].messages[message_id].message
    if not (pressed.is_forged or data in _data_of_buttons(message)):
        raise ImpossibleError(f"message {message_id} has no button with {data!r}")
    query_id = str(_FIRST_QUERY + len(state.queries))
    state.queries[query_id] = Query(chat_id, state.clock())
    query = {
        "id": query_id,
        "from": state.rooms.people[user_id].as_user(),
        "message": message,
        "chat_instance": str(chat_id * 7919),
        "data": data,
    }
    state.updates.put("callback_query", query, lane=callback_lane(user_id), lifetime_s=QUERY_S)
    return query_id


def _data_of_buttons(message: dict[str, Any]) -> set[str]:
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return {button["callback_data"] for row in rows for button in row if "callback_data" in button}


def stop_draft(state: State, chat_id: int, topic_id: int | None) -> None:
    """Press the stop button of a draft.

    Raises:
        ImpossibleError: there is no draft, or it has no such button.
    """
    draft = state.drafts.alive(chat_id, topic_id)
    if draft is None or not draft.can_stop:
        raise ImpossibleError("there is no draft to stop")
    room = state.rooms[chat_id]
    thread = {"message_thread_id": topic_id} if topic_id is not None else {}
    stopped = {"chat": room.described, "draft_id": draft.draft_id, **thread}
    if draft.keep_on_stop:
        state.events.publish("draft", chat_id, state.drafts.stop(chat_id, topic_id, draft))
    else:
        drop_draft(state, room, topic_id)
    state.updates.put("stopped_message_generation", stopped, lane=chat_id)


def set_bot_status(state: State, chat_id: int, user_id: int, status: str) -> None:
    """Make the bot `member`, `left` or `kicked` in a chat; in a private one, `kicked` is blocked."""
    room = state.rooms[chat_id]
    change = {
        "chat": room.described,
        "from": state.rooms.people[user_id].as_user(),
        "date": state.now,
        "old_chat_member": _membership(state, room.bot_status),
        "new_chat_member": _membership(state, status),
    }
    room.bot_status = status
    state.updates.put("my_chat_member", change, lane=chat_id)
    state.events.publish("status", chat_id, {"status": status})


def _membership(state: State, status: str) -> dict[str, Any]:
    member: dict[str, Any] = {"user": state.bot.as_user(), "status": status}
    return {**member, "until_date": 0} if status == "kicked" else member


def upgrade(state: State, chat_id: int, new_chat_id: int) -> None:
    """Turn a group into a supergroup: the old chat is closed, both get a service message."""
    old = state.rooms[chat_id]
    chat = old.chat
    new = state.rooms.add(
        Chat(new_chat_id, "supergroup", chat.title, members=set(chat.members), admins=set(chat.admins))
    )
    sender = state.rooms.people[min(chat.members)].as_user()
    farewell = post(state, old, Letter(sender, {"migrate_to_chat_id": new_chat_id}))
    state.updates.put("message", farewell.message, lane=chat_id)
    old.moved_to = new_chat_id
    welcome = {
        "message_id": new.next_message_id(),
        "from": _ANONYMOUS,
        "sender_chat": new.described,
        "chat": new.described,
        "date": state.now,
        "migrate_from_chat_id": chat_id,
    }
    state.updates.put("message", keep(state, new, welcome, is_from_bot=False).message, lane=new_chat_id)
    state.events.publish("upgraded", chat_id, {"migrate_to_chat_id": new_chat_id})
