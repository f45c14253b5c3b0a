"""Which lane an update takes: a conversation's own queue, or the control lane that overtakes everything.

Within a conversation, first come, first answered. Stop presses, menus and the owners' decisions must not wait
behind an answer that is growing, so they travel apart and in no order. A button that *asks* is a question like
any other and keeps its place in the queue; so does a changed message: what it was before is answered first.
"""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from bot.presses import SHOW, Act
from bot.types import ConversationKey
from bot.updates.arrivals import Arrival, raw_sender_id

KINDS = ("message", "edited_message", "callback_query", "stopped_message_generation")
"""The updates the bot asks Telegram for; any other kind is let go at the door."""

_GROUPS = frozenset({"group", "supergroup"})
_CALLS = frozenset({"mention", "text_mention", "bot_command"})

STARTER = "ask:"
"""How the data of a starter's button begins."""
DRAW_AGAIN, DRAW_RATIO = "draw:again:", "draw:ratio:"
"""How the data of a button begins that draws another picture; the id of the drawing follows."""
ASKING = (STARTER, SHOW, f"{Act.AGAIN}:", f"{Act.CONTINUE}:", DRAW_AGAIN, DRAW_RATIO)
"""How the data of a button begins that asks the model something."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """An update on its way, with what the inbox has to know of it."""

    identity: str
    """Tells this update from every other, and is the same when Telegram delivers it again."""
    conversation: ConversationKey | None
    """None: the control lane."""
    update: str
    """The update as JSON."""
    sender_id: int | None = None
    """Whose waiting updates are counted, to limit them; None: it is kept whatever waits."""
    arrival: str = ""
    """What those who answer in the conversation are told when it comes; empty: nothing."""


def enveloped(update: dict[str, Any], bot_id: int) -> Envelope | None:
    """Address a raw update; None if its kind is none of ours."""
    kind = next((kind for kind in KINDS if isinstance(update.get(kind), dict)), None)
    if kind is None:
        return None
    text = json.dumps(update, separators=(",", ":"))
    event = update[kind]
    conversation, sender_id = _conversation(kind, event, bot_id), _limited_id(event, bot_id)
    arrival = Arrival.of(kind, event, conversation.slug).text if conversation else ""
    return Envelope(_identity(update, text), conversation, text, sender_id, arrival)


def _identity(update: dict[str, Any], text: str) -> str:
    # The number alone will not do: Telegram begins anew at a random one after a quiet week, a sandbox at once.
    return f"{update.get('update_id', 0)}:{hashlib.blake2s(text.encode(), digest_size=6).hexdigest()}"


def _conversation(kind: str, event: dict[str, Any], bot_id: int) -> ConversationKey | None:
    match kind:
        case "message" if not is_stop(event.get("text")):
            return conversation_of(event, bot_id)
        case "edited_message":
            return conversation_of(event, bot_id)
        case "callback_query" if str(event.get("data", "")).startswith(ASKING):
            return conversation_of(event.get("message") or {}, bot_id)
        case _:
            return None


def _limited_id(event: dict[str, Any], bot_id: int) -> int | None:
    """Return whose waiting updates are counted.

    None for a group's farewell, without which its dialogues would be lost, and for the chatter of a group,
    which is let be in a moment and must not take the places of questions.
    """
    if any(name in event for name in ("migrate_to_chat_id", "migrate_from_chat_id")):
        return None
    if (event.get("chat") or {}).get("type") in _GROUPS and not calls_somebody(event, bot_id):
        return None
    return raw_sender_id(event)


def calls_somebody(message: dict[str, Any], bot_id: int) -> bool:
    """Whether a message in a group may mean the bot; one that means another is taken for it."""
    looks = message.get("entities") or message.get("caption_entities") or ()
    replied = message.get("reply_to_message") or {}
    is_reply = (replied.get("from") or {}).get("id") == bot_id
    return is_reply or any(one.get("type") in _CALLS for one in looks)


def is_stop(text: object) -> bool:
    """Whether a text is the command /stop, addressed to a bot or not."""
    words = text.split(maxsplit=1) if isinstance(text, str) else []
    return bool(words) and words[0].partition("@")[0].lower() == "/stop"


def conversation_of(message: dict[str, Any], bot_id: int) -> ConversationKey | None:
    """Return the conversation of a raw message; None for a message without a chat.

    A `message_thread_id` outside topics is only a thread of replies, and those belong to their chat.
    """
    chat_id = (message.get("chat") or {}).get("id")
    if not isinstance(chat_id, int):
        return None
    topic_id = message.get("message_thread_id") if message.get("is_topic_message") else None
    return ConversationKey(bot_id, chat_id, topic_id, message.get("business_connection_id"))
