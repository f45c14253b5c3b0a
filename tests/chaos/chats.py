"""What the chats of the stand-in show: messages as their persons see them, and who touched which chat last.

As in Telegram, the ids of all private chats of a bot come from one row, so that messages of other chats lie
between two of the same chat.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

ME = {"id": 42, "is_bot": True, "first_name": "Govorun", "username": "govorun_bot"}

_SAME = "message is not modified: specified new message content and reply markup are exactly the same"
_TEXT_UNITS = 4096


class RefusedError(Exception):
    """Telegram answers 400 with this text."""


@dataclass(slots=True)
class Message:
    """A message of the bot."""

    text: str
    entities: str
    buttons: str
    """As JSON; a growing answer has a button that stops it."""

    @property
    def is_growing(self) -> bool:
        """Whether there is a Stop button."""
        return '"stop' in self.buttons


@dataclass(frozen=True, slots=True)
class Touch:
    """A sign of life in a chat: a call about it, or a question to the model."""

    at: float
    replica: str
    what: str


@dataclass(slots=True)
class Chat:
    """One private chat."""

    messages: dict[int, Message] = field(default_factory=dict)
    """Of the bot, by id; deleted ones are gone."""
    touches: list[Touch] = field(default_factory=list)

    @property
    def shown(self) -> list[str]:
        """What the bot has said, in order."""
        return [self.messages[message_id].text for message_id in sorted(self.messages)]


class Chats:
    """All chats of the bot; methods are named as those of the Bot API, and take its arguments."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.by_id: defaultdict[int, Chat] = defaultdict(Chat)
        self._clock = clock
        self._newest_id = 0

    def new_id(self) -> int:
        """Return the id of the next message, of whomever."""
        self._newest_id += 1
        return self._newest_id

    def touch(self, chat_id: int, replica: str, what: str) -> None:
        """Take note of a sign of life."""
        self.by_id[chat_id].touches.append(Touch(self._clock(), replica, what))

    def call(self, method: str, arguments: dict[str, str]) -> Any:
        """Do what a call about a chat says, and return its result.

        Raises:
            RefusedError: Telegram would not do it.
        """
        chat_id = int(arguments["chat_id"])
        messages = self.by_id[chat_id].messages
        match method:
            case "sendMessage":
                message_id = self.new_id()
                messages[message_id] = _message(arguments)
            case "editMessageText":
                message_id = int(arguments["message_id"])
                _edit(messages, message_id, _message(arguments))
            case "deleteMessage":
                if messages.pop(int(arguments["message_id"]), None) is None:
                    raise RefusedError("message to delete not found")
                return True
            case _:
                return True
        return sent(message_id, chat_id, ME, messages[message_id].text)


def sent(message_id: int, chat_id: int, sender: dict[str, Any], text: str) -> dict[str, Any]:
    """Return a message as the Bot API tells of it."""
    chat = {"id": chat_id, "type": "private", "first_name": f"N{chat_id}"}
    return {"message_id": message_id, "date": 1_700_000_000, "chat": chat, "from": sender, "text": text}


def _message(arguments: dict[str, str]) -> Message:
    text = arguments.get("text", "").strip()
    if not text:
        raise RefusedError("message text is empty")
    if len(text) > _TEXT_UNITS:
        raise RefusedError("message is too long")
    return Message(text, arguments.get("entities", ""), arguments.get("reply_markup", ""))


def _edit(messages: dict[int, Message], message_id: int, message: Message) -> None:
    if message_id not in messages:
        raise RefusedError("message to edit not found")
    if messages[message_id] == message:
        raise RefusedError(_SAME)
    messages[message_id] = message
