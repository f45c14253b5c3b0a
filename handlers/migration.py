"""A group becomes a supergroup under a new id: its dialogues and its admission go with it."""

from aiogram import Bot, Router
from aiogram.types import Message

from bot.history import RedisHistory, RedisOrders


def build_router() -> Router:
    """Return a router of this feature."""
    router = Router(name=__name__)
    router.message.register(follow, is_migration)
    return router


async def is_migration(message: Message) -> bool:
    """Whether the message tells of a move, in the old chat or in the new one."""
    return bool(message.migrate_to_chat_id or message.migrate_from_chat_id)


async def follow(message: Message, bot: Bot, history: RedisHistory, orders: RedisOrders) -> None:
    """Move what is remembered; Telegram tells of it in both chats, and the second time changes nothing."""
    old = message.migrate_from_chat_id or message.chat.id
    new = message.migrate_to_chat_id or message.chat.id
    await history.migrate(bot.id, old, new)
    await orders.migrate(old, new)
