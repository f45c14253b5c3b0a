"""Updates as Telegram sends them, with as little in them as a test needs."""

from typing import Any

from aiogram import Bot
from aiogram.types import Message, Update, User

TOKEN = "42:not-a-real-token"
ME = User(id=42, is_bot=True, first_name="Govorun", username="govorun_bot")
BOT_USER = {"id": 42, "is_bot": True, "first_name": "Govorun", "username": "govorun_bot"}
ANNA = {"id": 1, "is_bot": False, "first_name": "Anna", "language_code": "en"}
PRIVATE = {"id": 1, "type": "private", "first_name": "Anna"}
GROUP = {"id": -5, "type": "supergroup", "title": "Friends"}
VOICE: dict[str, Any] = {"file_id": "1", "file_unique_id": "1", "duration": 3}
PHOTO: list[dict[str, Any]] = [{"file_id": "1", "file_unique_id": "1", "width": 9, "height": 9}]


def a_message(text: str | None = "hello", **more: Any) -> dict[str, Any]:
    """A raw message, in a private chat unless `chat` says otherwise."""
    said = {} if text is None else {"text": text}
    return {"message_id": 9, "date": 1_700_000_000, "chat": PRIVATE, "from": ANNA, **said, **more}


def mention(name: str = "@govorun_bot") -> list[dict[str, Any]]:
    """Entities of a text that begins with a mention."""
    return [{"type": "mention", "offset": 0, "length": len(name)}]


def parsed(message: dict[str, Any]) -> Message:
    """The message as handlers get it."""
    return Message.model_validate(message)


def an_update(bot: Bot, **event: Any) -> Update:
    """An update bound to its bot."""
    return Update.model_validate({"update_id": 1, **event}, context={"bot": bot})


def a_press(data: str, message: dict[str, Any] | None, sender: dict[str, Any] = ANNA) -> dict[str, Any]:
    """A raw press of a button under a message."""
    under = {"message": message} if message else {}
    return {"id": "77", "from": sender, "chat_instance": "x", "data": data, **under}
