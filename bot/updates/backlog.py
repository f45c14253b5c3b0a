"""How much waits in the inbox, and for how long: one question, for which a thousand lists are looked at.

All ages are differences of Redis' own clock, so that no clock of a replica matters.
"""

from dataclasses import dataclass

from redis.asyncio import Redis

from bot.store import key_prefix, store_errors
from bot.updates.inbox import GROUP
from bot.updates.scripts import SINCE

_LOOK = f"""{SINCE}
-- KEYS ready, control, dead, due orders; ARGV group, prefix of waiting lists, how many of them are looked at
-- Returns how many updates wait, dead letters, and of conversations how many wait, how many are claimed, and
-- the age in ms of the oldest announcement of either kind, and how many answers come later
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function oldest(from, to)
  local age = 0
  for _, entry in ipairs(redis.call('XRANGE', KEYS[1], from, to, 'COUNT', ARGV[3])) do
    age = math.max(age, now - tonumber(string.match(since(entry), '^%d+')))
  end
  return age
end
local size, claimed, delivered = redis.call('XLEN', KEYS[1]), 0, '0-0'
local updates = math.max(0, size - ARGV[3])
for _, entry in ipairs(redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', ARGV[3])) do
  updates = updates + redis.call('LLEN', ARGV[2] .. entry[2][2])
end
for _, group in ipairs(redis.call('EXISTS', KEYS[1]) == 1 and redis.call('XINFO', 'GROUPS', KEYS[1]) or {{}}) do
  local facts = {{}}
  for i = 1, #group, 2 do facts[group[i]] = group[i + 1] end
  if facts['name'] == ARGV[1] then
    local pending = redis.call('XPENDING', KEYS[1], ARGV[1])
    claimed, delivered = pending[1], facts['last-delivered-id']
  end
end
return {{updates + redis.call('XLEN', KEYS[2]), redis.call('XLEN', KEYS[3]), size - claimed, claimed,
  oldest('(' .. delivered, '+'), oldest('-', delivered), redis.call('ZCARD', KEYS[4])}}
"""


@dataclass(frozen=True, slots=True)
class Backlog:
    """What the inbox of a bot holds, all replicas together."""

    updates: int
    """Kept and not done yet, those being handled included; if conversations are very many, at least so many."""
    dead_letters: int
    waiting_conversations: int
    """Announced, and claimed by nobody."""
    claimed_conversations: int
    oldest_waiting_s: float
    """Since the announcement; 0.0: nobody waits. A conversation is announced anew for each of its updates.

    What is handed back goes on waiting; but what waits behind others begins when it is next.
    """
    oldest_claimed_s: float
    orders: int = 0
    """Answers that were ordered and are not delivered yet."""


class BacklogView:
    """Looks at the inbox of a bot from outside."""

    def __init__(self, redis: Redis, bot_id: int, *, most: int = 1000) -> None:
        prefix = key_prefix(bot_id)
        self._keys = [f"{prefix}:{name}" for name in ("ready", "control", "dead", "orders-due")]
        self._args: list[str | int] = [GROUP, f"{prefix}:waiting:", most]
        self._look = redis.register_script(_LOOK)

    async def look(self) -> Backlog:
        """Return what waits now.

        Raises:
            StoreError: Redis is away.
        """
        with store_errors():
            seen = map(int, await self._look(keys=self._keys, args=self._args))
        updates, dead, waiting, claimed, waiting_ms, claimed_ms, orders = seen
        return Backlog(updates, dead, waiting, claimed, waiting_ms / 1000, claimed_ms / 1000, orders)
