"""The chats as they are now: their messages, the bot's place in them, and who may do what there.

Source: tdlib/telegram-bot-api, `check_chat_access`, for the order of checks and their texts.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from bot.sandbox.telegram.accounts import Account, Chat
from bot.sandbox.telegram.refusals import bad_request, forbidden
from bot.sandbox.telegram.rich.reading import reading

GENERAL_TOPIC = 1
"""The id of a forum's first topic, whose messages carry no id."""


class Access(IntEnum):
    """What a call wants to do in a chat."""

    READ = 0
    EDIT = 1
    WRITE = 2


@dataclass(slots=True)
class Record:
    """A message and every text it has shown."""

    message: dict[str, Any]
    is_from_bot: bool
    frames: list[str] = field(default_factory=list)
    rich_source: Mapping[str, Any] | None = None
    """What its rich message was made of, if it is one."""

    @property
    def message_id(self) -> int:
        """Its number within the chat."""
        return int(self.message["message_id"])

    @property
    def topic_id(self) -> int | None:
        """The topic it lies in."""
        return self.message["message_thread_id"] if self.message.get("is_topic_message") else None

    @property
    def shown(self) -> str:
        """Its text or caption, or what a person reads in a rich message."""
        if "rich_message" in self.message:
            return reading(self.message["rich_message"])
        return str(self.message.get("text") or self.message.get("caption") or "")


class MessageIds:
    """Numbers in ascending order; some are taken beforehand."""

    def __init__(self) -> None:
        self._last = 0

    def take(self) -> int:
        """Return the next number."""
        self._last += 1
        return self._last

    def reserve(self, numbers: Iterable[int]) -> None:
        """Go on after all of these."""
        self._last = max([self._last, *numbers])


class Room:
    """One chat."""

    def __init__(self, chat: Chat, ids: MessageIds, described: dict[str, Any]) -> None:
        self.chat = chat
        self.described = described
        """The chat as a Bot API `Chat`."""
        self.messages: dict[int, Record] = {}
        self.history: dict[int, Record] = {}
        """The messages and those that were deleted."""
        self.bot_status = "member"
        """`member`, `left` or `kicked`; in a private chat, `kicked` means blocked."""
        self.moved_to: int | None = None
        """The supergroup that this group has become."""
        self.last_sender_id: int | None = None
        self.closed_topics: set[int] = set()
        self._ids = ids
        ids.reserve(chat.topics)

    @property
    def chat_id(self) -> int:
        """Its number; negative for groups."""
        return self.chat.chat_id

    @property
    def is_private(self) -> bool:
        """Whether the bot is alone with a person."""
        return self.chat.type == "private"

    @property
    def is_plain_supergroup(self) -> bool:
        """Whether replies make threads here: a supergroup without topics."""
        return self.chat.type == "supergroup" and not self.chat.is_forum

    def next_message_id(self) -> int:
        """Take a number for a message."""
        return self._ids.take()

    def keep(self, record: Record) -> None:
        """Add a message."""
        self.messages[record.message_id] = self.history[record.message_id] = record

    def require(self, access: Access) -> None:
        """Check that the bot may do that here.

        Raises:
            Refusal: it may not.
        """
        if self.moved_to is not None and access >= Access.EDIT:
            text = "group chat was upgraded to a supergroup chat"
            raise bad_request(text, migrate_to_chat_id=self.moved_to)
        if self.bot_status == "member" or (access < Access.EDIT and self.chat.type != "supergroup"):
            return
        if self.is_private:
            raise forbidden("bot was blocked by the user")
        what = "was kicked from" if self.bot_status == "kicked" else "is not a member of"
        raise forbidden(f"bot {what} the {self.chat.type} chat")

    def record(self, message_id: int, what: str) -> Record:
        """Return a message; `what` names it in the text of the refusal."""
        record = self.messages.get(message_id)
        if record is None:
            raise bad_request(f"{what} not found")
        return record

    def check_thread(self, thread_id: int) -> None:
        """Check that a call may name this thread; 0: none.

        Raises:
            Refusal: there is no such topic, or no such thread of replies.
        """
        if thread_id <= 0 or thread_id in self.chat.topics:
            return
        if not (self.is_plain_supergroup and thread_id in self.messages):
            raise bad_request("message thread not found")


class Rooms:
    """All chats. Private chats and basic groups count their messages together, supergroups each for itself."""

    def __init__(self) -> None:
        self._rooms: dict[int, Room] = {}
        self._people: dict[int, Account] = {}
        self._shared_ids = MessageIds()

    def __getitem__(self, chat_id: int) -> Room:
        return self._rooms[chat_id]

    def __iter__(self) -> Iterator[Room]:
        return iter(self._rooms.values())

    @property
    def people(self) -> dict[int, Account]:
        """Everyone there is, by id."""
        return self._people

    def add(self, chat: Chat) -> Room:
        """Open a chat; the person of a private one must be known."""
        described = self._people[chat.chat_id].as_chat() if chat.type == "private" else chat.as_chat()
        ids = MessageIds() if chat.type == "supergroup" else self._shared_ids
        room = self._rooms[chat.chat_id] = Room(chat, ids, described)
        return room

    def private(self, user_id: int) -> Room:
        """Return the chat with a person, opened if need be."""
        return self._rooms.get(user_id) or self.add(Chat(user_id, "private", members={user_id}))

    def find(self, chat_id: str, access: Access) -> Room:
        """Return the chat that a call names, if the bot may do there what it wants.

        Raises:
            Refusal: there is none, or it may not.
        """
        if not chat_id:
            raise bad_request("chat_id is empty")
        number = int(chat_id) if chat_id.lstrip("-").isdecimal() else 0
        room = self._rooms.get(number)
        if room is None and number in self._people:
            raise forbidden("bot can't initiate conversation with a user")
        if room is None:
            raise bad_request("chat not found")
        room.require(access)
        return room
