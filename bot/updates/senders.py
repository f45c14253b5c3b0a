"""Who has sent a message: the group or channel in whose name it was written, else the person.

Telegram gives all who write in the name of a chat the same user, so that the user alone would mix them up.
"""

from typing import Any

from aiogram.types import Message


def sender_id(message: Message) -> int | None:
    """Return the id of the chat or person; None: Telegram names nobody."""
    sender = message.sender_chat or message.from_user
    return sender.id if sender else None


def raw_sender_id(event: dict[str, Any]) -> int | None:
    """Return the same of an event as it came, which may be anything."""
    number = (event.get("sender_chat") or event.get("from") or {}).get("id")
    return number if isinstance(number, int) else None
