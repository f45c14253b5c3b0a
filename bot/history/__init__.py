"""What is remembered: dialogues, which prompt a conversation uses, and who may come in; all of it in Redis."""

from bot.history.chats import ChatState
from bot.history.door import Admissions
from bot.history.store import RedisHistory
from bot.history.window import estimate_tokens

__all__ = ["Admissions", "ChatState", "RedisHistory", "estimate_tokens"]
