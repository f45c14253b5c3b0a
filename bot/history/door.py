"""Who may come in: what the owners decided about people and groups, for ever.

Fails closed: if Redis is away a `StoreError` is raised, never "yes". Telegram's ids need no kind beside them:
those of groups are negative, and a private chat has the id of its user.
"""

from redis.asyncio import Redis

from bot.history.keys import door, knock
from bot.store import store_errors

_YES, _NO = "yes", "no"

_KNOCK = """
-- KEYS door, knock; ARGV who, milliseconds; of somebody who was decided on there is nothing to ask
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 1 then return 0 end
return redis.call('SET', KEYS[2], '', 'NX', 'PX', ARGV[2]) and 1 or 0
"""


class Admissions:
    """The owners' decisions. What was decided on the person outranks what was decided on the chat.

    So a refused person gets no answer in an admitted group, and an admitted one does in a refused group.
    `RedisHistory.migrate` moves a chat's admission. Needs a client that decodes responses.
    """

    def __init__(self, redis: Redis, bot_id: int) -> None:
        self._redis = redis
        self._bot_id = bot_id
        self._door = door(bot_id)
        self._knock = redis.register_script(_KNOCK)

    async def is_admitted(self, user_id: int, chat_id: int) -> bool:
        """Tell in one round trip whether this person is answered in this chat; undecided means no."""
        with store_errors():
            person, chat = await self._redis.hmget(self._door, [str(user_id), str(chat_id)])
        return (person or chat) == _YES

    async def admit_user(self, user_id: int) -> None:
        """Let a person in, wherever they write."""
        await self._decide(user_id, _YES)

    async def admit_chat(self, chat_id: int) -> None:
        """Let everybody in who writes in this chat."""
        await self._decide(chat_id, _YES)

    async def refuse(self, peer_id: int) -> None:
        """Keep a user or a chat out, also one that was admitted before."""
        await self._decide(peer_id, _NO)

    async def first_knock(self, peer_id: int, within_s: float) -> bool:
        """Tell whether to ask the owners about a user or chat: once in `within_s`, and only while undecided."""
        with store_errors():
            answer = await self._knock(
                keys=[self._door, knock(self._bot_id, peer_id)],
                args=[peer_id, max(1, round(within_s * 1000))],
            )
        return bool(answer)

    async def forget_knock(self, peer_id: int) -> None:
        """Let the next knock be a first one again: nobody heard this one."""
        with store_errors():
            await self._redis.delete(knock(self._bot_id, peer_id))

    async def _decide(self, peer_id: int, decision: str) -> None:
        with store_errors():
            await self._redis.hset(self._door, str(peer_id), decision)
