"""Who there is: people, the bot, and the chats they meet in."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Account:
    """A person."""

    user_id: int
    first_name: str
    language_code: str = "en"
    username: str | None = None
    last_name: str | None = None

    def as_user(self) -> dict[str, Any]:
        """The person as a Bot API `User`."""
        user = {"id": self.user_id, "is_bot": False, "first_name": self.first_name, **self._names()}
        return {**user, "language_code": self.language_code}

    def as_chat(self) -> dict[str, Any]:
        """The private chat with this person as a Bot API `Chat`."""
        return {"id": self.user_id, "first_name": self.first_name, **self._names(), "type": "private"}

    def _names(self) -> dict[str, str]:
        names = {"last_name": self.last_name, "username": self.username}
        return {key: name for key, name in names.items() if name}


@dataclass(frozen=True, slots=True)
class BotAccount:
    """The bot; with `privacy`, it hears in groups only what is meant for it."""

    user_id: int
    username: str
    first_name: str
    privacy: bool = True
    has_topics: bool = False
    """Whether its private chats have topics."""

    def as_user(self) -> dict[str, Any]:
        """The bot as the `User` that sends its messages."""
        return {"id": self.user_id, "is_bot": True, "first_name": self.first_name, "username": self.username}

    def as_me(self) -> dict[str, Any]:
        """The bot as `getMe` describes it."""
        return {
            **self.as_user(),
            "can_join_groups": True,
            "can_read_all_group_messages": not self.privacy,
            "supports_inline_queries": False,
            "can_connect_to_business": False,
            "has_main_web_app": False,
            "has_topics_enabled": self.has_topics,
            "allows_users_to_create_topics": self.has_topics,
        }


@dataclass(slots=True)
class Chat:
    """A chat as it is when it is added; `topics` are names by id."""

    chat_id: int
    type: str
    """`private`, `group` or `supergroup`; the id of a private chat is the id of its person."""
    title: str = ""
    is_forum: bool = False
    topics: dict[int, str] = field(default_factory=dict)
    members: set[int] = field(default_factory=set)
    """Ids of people; whoever speaks joins."""
    admins: set[int] = field(default_factory=set)
    """Ids of people, and of the bot where it may delete and hear everything."""

    def as_chat(self) -> dict[str, Any]:
        """A group as a Bot API `Chat`."""
        chat: dict[str, Any] = {"id": self.chat_id, "title": self.title, "type": self.type}
        return {**chat, "is_forum": True} if self.is_forum else chat
