"""What is remembered, all of it in Redis: dialogues, newest questions, prompts in use, and who may come in."""

from bot.history.chats import ChatState
from bot.history.door import Admissions
from bot.history.drawings import RedisDrawings
from bot.history.exchanges import RedisExchanges
from bot.history.orders import RedisOrders
from bot.history.store import RedisHistory
from bot.history.verdicts import RedisVerdicts
from bot.history.window import estimate_tokens

__all__ = [
    "Admissions",
    "ChatState",
    "RedisDrawings",
    "RedisExchanges",
    "RedisHistory",
    "RedisOrders",
    "RedisVerdicts",
    "estimate_tokens",
]
