"""A group that became a supergroup has a new id: whatever was kept under the old one moves, all at once.

Telegram tells of it twice, once in either chat, and questions may already have been answered in the new one. So
moving is idempotent, and never overwrites: older turns go before the new chat's, and its own choices stay.
"""

from redis.asyncio import Redis

from bot.history.keys import ChatKeys, door
from bot.store import store_errors

_MOVE = """
-- KEYS door, old and new prompts, old and new dialogues, then old and new turns of each member
-- ARGV old chat, new chat, members...
local function outlive(key, ttl_ms) if ttl_ms > 0 then redis.call('PEXPIRE', key, ttl_ms) end end
local function longest(old, new) return math.max(redis.call('PTTL', old), redis.call('PTTL', new)) end

-- The old decision stays: updates of the old chat may still be on their way, and its id is never given again.
local decision = redis.call('HGET', KEYS[1], ARGV[1])
if decision then redis.call('HSETNX', KEYS[1], ARGV[2], decision) end

local chosen = redis.call('HGETALL', KEYS[2])
for i = 1, #chosen, 2 do redis.call('HSETNX', KEYS[3], chosen[i], chosen[i + 1]) end
redis.call('DEL', KEYS[2])

local index_ttl_ms = longest(KEYS[4], KEYS[5])
for i = 3, #ARGV do
  local old, new = KEYS[2 * i], KEYS[2 * i + 1]
  local ttl_ms = longest(old, new)
  while redis.call('LMOVE', old, new, 'RIGHT', 'LEFT') do end
  outlive(new, ttl_ms)
  redis.call('SADD', KEYS[5], ARGV[i])
  redis.call('SREM', KEYS[4], ARGV[i])
end
outlive(KEYS[5], index_ttl_ms)
return #ARGV - 2
"""


class Migration:
    """Moves dialogues of all topics and prompts, the prompts in use, and the admission of a chat."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._move = redis.register_script(_MOVE)

    async def migrate(self, bot_id: int, old_chat_id: int, new_chat_id: int) -> None:
        """Move everything; again, or for a chat nothing is kept of, it changes nothing.

        Raises:
            StoreError: Redis is away; what was moved is moved, and calling again moves the rest.
        """
        if old_chat_id == new_chat_id:
            return
        old, new = ChatKeys(bot_id, old_chat_id), ChatKeys(bot_id, new_chat_id)
        with store_errors():
            # Another round because a turn may be added to the old chat between the reading and the moving.
            while await self._round(old, new):
                pass

    async def _round(self, old: ChatKeys, new: ChatKeys) -> int:
        """Move what is known now and return how many dialogues that were."""
        members = [str(member) for member in await self._redis.smembers(old.dialogues)]
        turns = [keys.turns(member) for member in members for keys in (old, new)]
        moved = await self._move(
            keys=[door(old.bot_id), old.prompts, new.prompts, old.dialogues, new.dialogues, *turns],
            args=[old.chat_id, new.chat_id, *members],
        )
        return int(moved)
