"""A group that became a supergroup has a new id: whatever was kept under the old one moves, all at once.

Telegram tells of it twice, once in either chat, and questions may already have been answered in the new one. So
moving is idempotent, and never overwrites: older turns go before the new chat's, and its own choices stay.
"""

from redis.asyncio import Redis

from bot.history.keys import ChatKeys, door
from bot.store import store_errors

_MOVE = """
-- KEYS door, old and new prompts, dialogues, exchanges, models, then of each list of turns and exchange
-- ARGV old chat, new chat, how many dialogues, their members..., spots of exchanges...
local function outlive(key, ttl_ms) if ttl_ms > 0 then redis.call('PEXPIRE', key, ttl_ms) end end
local function longest(old, new) return math.max(redis.call('PTTL', old), redis.call('PTTL', new)) end

-- The old decision stays: updates of the old chat may still be on their way, and its id is never given again.
local decision = redis.call('HGET', KEYS[1], ARGV[1])
if decision then redis.call('HSETNX', KEYS[1], ARGV[2], decision) end

local function move_choices(old, new)
  local chosen = redis.call('HGETALL', old)
  for i = 1, #chosen, 2 do redis.call('HSETNX', new, chosen[i], chosen[i + 1]) end
  redis.call('DEL', old)
end
move_choices(KEYS[2], KEYS[3])
move_choices(KEYS[8], KEYS[9])

local function move_turns(old, new)
  local ttl_ms = longest(old, new)
  while redis.call('LMOVE', old, new, 'RIGHT', 'LEFT') do end
  outlive(new, ttl_ms)
end
local function move_exchange(old, new)
  if redis.call('EXISTS', old) == 1 and redis.call('RENAMENX', old, new) == 0 then redis.call('DEL', old) end
end
local function move(name, old_index, new_index)
  local index_ttl_ms = longest(old_index, new_index)
  redis.call('SADD', new_index, name)
  redis.call('SREM', old_index, name)
  outlive(new_index, index_ttl_ms)
end

local last_dialogue = 3 + tonumber(ARGV[3])
for i = 4, #ARGV do
  local old, new = KEYS[2 * i + 2], KEYS[2 * i + 3]
  if i <= last_dialogue then
    move_turns(old, new)
    move(ARGV[i], KEYS[4], KEYS[5])
  else
    move_exchange(old, new)
    move(ARGV[i], KEYS[6], KEYS[7])
  end
end
return #ARGV - 3
"""


class Migration:
    """Moves dialogues and exchanges of all topics, prompts and models in use, and the admission of a chat."""

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
        """Move what is known now and return how many dialogues and exchanges that were."""
        members = [str(member) for member in await self._redis.smembers(old.dialogues)]
        spots = [str(spot) for spot in await self._redis.smembers(old.exchanges)]
        turns = [keys.turns(member) for member in members for keys in (old, new)]
        exchanges = [keys.exchange(spot) for spot in spots for keys in (old, new)]
        pairs = [old.prompts, new.prompts, old.dialogues, new.dialogues, old.exchanges, new.exchanges]
        pairs += [old.models, new.models]
        moved = await self._move(
            keys=[door(old.bot_id), *pairs, *turns, *exchanges],
            args=[old.chat_id, new.chat_id, len(members), *members, *spots],
        )
        return int(moved)
