"""What the desk does to the inbox, as Lua scripts: each is one step that either happened or did not.

They keep the invariant of `bot.updates.scripts`, so workers may go on meanwhile: a conversation with waiting
updates has exactly one announcement in the stream of ready conversations, one without has none.
"""

from bot.updates.scripts import SINCE, UNCOUNT

REPLAY = """
-- KEYS dead, waiting, ready, control; ARGV entry, slug: put a dead letter at the end of its conversation's
-- queue; it has no sender before it, so no limit counts it. Returns 0 if it is no longer there.
local letter = redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[1])[1]
if not letter then return 0 end
local facts = {}
for i = 1, #letter[2], 2 do facts[letter[2][i]] = letter[2][i + 1] end
redis.call('XDEL', KEYS[1], ARGV[1])
if ARGV[2] == '' then
  redis.call('XADD', KEYS[4], '*', 'update', facts['update'])
elseif redis.call('RPUSH', KEYS[2], facts['update']) == 1 then
  redis.call('XADD', KEYS[3], '*', 'conversation', ARGV[2])
end
return 1
"""

_ANNOUNCEMENT = """
local function announcement(ready, slug)
  local cursor = '-'
  repeat
    local some = redis.call('XRANGE', ready, cursor, '+', 'COUNT', 1000)
    for _, entry in ipairs(some) do
      if entry[2][2] == slug then return entry[1] end
    end
    cursor = #some > 0 and '(' .. some[#some][1] or nil
  until not cursor
end
"""

HELD = f"""{_ANNOUNCEMENT}
-- KEYS waiting, ready, taken; ARGV group, slug
-- Returns what is being handled there: the entry, who holds it, and the items; nothing: nobody holds it
local entry = announcement(KEYS[2], ARGV[2])
local held = entry and redis.call('XPENDING', KEYS[2], ARGV[1], entry, entry, 1)[1]
if not held then return false end
local taken = tonumber(redis.call('HGET', KEYS[3], ARGV[2])) or 1
return {{entry, held[2], redis.call('LRANGE', KEYS[1], 0, taken - 1)}}
"""

DROP_WAITING = f"""{UNCOUNT}{_ANNOUNCEMENT}
-- KEYS waiting, ready, senders, taken; ARGV group, slug, '1' to wait no longer: drop what waits, but not what
-- is being handled: all that was taken together or else the head, if a worker holds the announcement
-- Returns how many were dropped; -1: a worker may be choosing what to take just now, and has to be waited for.
local announced, kept = announcement(KEYS[2], ARGV[2]), 0
if announced and #redis.call('XPENDING', KEYS[2], ARGV[1], announced, announced, 1) > 0 then
  local taken = tonumber(redis.call('HGET', KEYS[4], ARGV[2]))
  kept = taken or 1
  if not taken and redis.call('LLEN', KEYS[1]) > 1 then
    if ARGV[3] ~= '1' then return -1 end
    redis.call('HSET', KEYS[4], ARGV[2], 1)
  end
else
  redis.call('HDEL', KEYS[4], ARGV[2])
  if announced then redis.call('XDEL', KEYS[2], announced) end
end
local items = redis.call('LRANGE', KEYS[1], kept, -1)
for _, item in ipairs(items) do uncount(item, ARGV[2], KEYS[3]) end
if kept == 0 then redis.call('DEL', KEYS[1]) else redis.call('LTRIM', KEYS[1], 0, kept - 1) end
return #items
"""

QUEUES = f"""{SINCE}
-- KEYS ready; ARGV group, prefix of waiting lists, how many at most
-- Returns ms of Redis' clock, and for each conversation, the oldest first: slug, the entry since which it
-- waits, how many updates do, the oldest of them, and (if a worker holds it) the worker, ms since its last sign
-- of life, and how many have held it
local time = redis.call('TIME')
local answer = {{time[1] * 1000 + math.floor(time[2] / 1000)}}
for _, entry in ipairs(redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', ARGV[3])) do
  local slug, held = entry[2][2], redis.pcall('XPENDING', KEYS[1], ARGV[1], entry[1], entry[1], 1)
  local waiting = ARGV[2] .. slug
  table.insert(answer, {{slug, since(entry), redis.call('LLEN', waiting),
    redis.call('LINDEX', waiting, 0) or '',
    held[1] and held[1][2] or '', held[1] and held[1][3] or 0, held[1] and held[1][4] or 0}})
end
return answer
"""
