"""The moves of orders as Lua scripts: each is one step that either happened or did not.

An order is a hash. Once placed, it stands in the list of its chat, in that of its person, and among those that
are due, with the time of the next look as its score. Whoever takes it moves that score to the end of a lease: a
replica that died loses it then. All times are those of Redis, so that no clock of a replica matters.

A call whose answer got lost is made again: each script then finds what it has done, and does no more.
"""

_SHARED = """
local function now_ms()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
local function unlist(order, id, lists, people)
  local chat, person = unpack(redis.call('HMGET', order, 'chat', 'person'))
  if chat then redis.call('ZREM', lists .. chat, id) end
  if person then redis.call('ZREM', people .. person, id) end
end
local function vacate(order, id)
  local busy = redis.call('HGET', order, 'busy')
  if busy and redis.call('GET', busy) == id then redis.call('DEL', busy) end
end
local function cancel(order, id, due, lists, people)
  local standing, answer = unpack(redis.call('HMGET', order, 'standing', 'answer'))
  if standing == 'cancelled' then return 1 end
  if standing ~= 'placed' or answer then return 0 end
  unlist(order, id, lists, people)
  redis.call('HDEL', order, 'looks')
  redis.call('HSET', order, 'standing', 'cancelled')
  redis.call('ZADD', due, 0, id)
  return 1
end
local function is_held(order, holder)
  return redis.call('HGET', order, 'holder') == holder
end
"""

BEGIN = f"""{_SHARED}
-- KEYS order, the one whose place it takes, due; ARGV id, attempt, what was asked, chat, person, most of a
-- person, seconds to keep it, id of the one whose place it takes (empty: none), beginnings of chats' lists and
-- of people's lists
local standing, attempt = unpack(redis.call('HMGET', KEYS[1], 'standing', 'attempt'))
if standing == 'over' then return 'over' end
if standing then return attempt == ARGV[2] and 'new' or 'known' end
if ARGV[8] == '' and redis.call('ZCARD', ARGV[10] .. ARGV[5]) >= tonumber(ARGV[6]) then return 'full' end
redis.call('HSET', KEYS[1], 'standing', 'begun', 'attempt', ARGV[2], 'asked', ARGV[3], 'chat', ARGV[4],
  'person', ARGV[5])
redis.call('EXPIRE', KEYS[1], ARGV[7])
if ARGV[8] ~= '' then cancel(KEYS[2], ARGV[8], KEYS[3], ARGV[9], ARGV[10]) end
return 'new'
"""

WITHDRAW = """
-- KEYS order
if redis.call('HGET', KEYS[1], 'standing') == 'begun' then redis.call('DEL', KEYS[1]) end
"""

PLACE = f"""{_SHARED}
-- KEYS order, due; ARGV id, operation, ms until the first look, when it was asked, beginnings as above
local standing, operation, chat, person =
  unpack(redis.call('HMGET', KEYS[1], 'standing', 'operation', 'chat', 'person'))
if standing ~= 'begun' then return operation == ARGV[2] and 1 or 0 end
redis.call('HSET', KEYS[1], 'standing', 'placed', 'operation', ARGV[2])
redis.call('PERSIST', KEYS[1])
redis.call('ZADD', KEYS[2], now_ms() + ARGV[3], ARGV[1])
redis.call('ZADD', ARGV[5] .. chat, ARGV[4], ARGV[1])
redis.call('ZADD', ARGV[6] .. person, ARGV[4], ARGV[1])
return 1
"""

MARK = """
-- KEYS order; ARGV field, value: of an order that is over nothing is written down any more
local standing = redis.call('HGET', KEYS[1], 'standing')
if standing and standing ~= 'over' then redis.call('HSET', KEYS[1], ARGV[1], ARGV[2]) end
"""

CANCEL = f"""{_SHARED}
-- KEYS order, due; ARGV id, beginnings as above
return cancel(KEYS[1], ARGV[1], KEYS[2], ARGV[2], ARGV[3])
"""

END = f"""{_SHARED}
-- KEYS order, due; ARGV id, seconds to know that it is over, beginnings as above
vacate(KEYS[1], ARGV[1])
unlist(KEYS[1], ARGV[1], ARGV[3], ARGV[4])
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'standing', 'over')
redis.call('EXPIRE', KEYS[1], ARGV[2])
"""

PENDING = """
-- KEYS list; ARGV beginning of orders: returns the hashes in the list, oldest first
local found = {}
for _, id in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  table.insert(found, redis.call('HGETALL', ARGV[1] .. id))
end
return found
"""

TAKE = f"""{_SHARED}
-- KEYS due, pace; ARGV holder, most, ms of a lease, ms that pass between two looks, looks at once, beginning of
-- orders: returns the ids and hashes of those that are due
-- The pace is the time at which all looks so far would have been made, had they been made one by one. It is
-- never further ahead than all that may be made at once, unless the clock was set back: then it says nothing.
local now = now_ms()
local made = math.max(now, tonumber(redis.call('GET', KEYS[2])) or 0)
if made > now + ARGV[5] * ARGV[4] then made = now end
local most = math.min(ARGV[2], math.floor(ARGV[5] - (made - now) / ARGV[4]))
if most < 1 then return {{}} end
local found = {{}}
for _, id in ipairs(redis.call('ZRANGE', KEYS[1], '-inf', now, 'BYSCORE', 'LIMIT', 0, most)) do
  local order = ARGV[6] .. id
  if redis.call('HEXISTS', order, 'asked') == 1 then
    redis.call('HSET', order, 'holder', ARGV[1])
    redis.call('HINCRBY', order, 'takes', 1)
    redis.call('ZADD', KEYS[1], now + ARGV[3], id)
    table.insert(found, {{id, redis.call('HGETALL', order)}})
  else
    redis.call('ZREM', KEYS[1], id)
  end
end
if #found > 0 then redis.call('SET', KEYS[2], made + #found * ARGV[4], 'PX', 60000) end
return found
"""

RENEW = f"""{_SHARED}
-- KEYS due; ARGV holder, ms of a lease, beginning of orders, ids...; returns those that are another's
local lost = {{}}
for i = 4, #ARGV do
  local order = ARGV[3] .. ARGV[i]
  if is_held(order, ARGV[1]) then
    redis.call('ZADD', KEYS[1], 'XX', now_ms() + ARGV[2], ARGV[i])
    local busy = redis.call('HGET', order, 'busy')
    if busy and redis.call('GET', busy) == ARGV[i] then redis.call('PEXPIRE', busy, ARGV[2]) end
  else
    table.insert(lost, ARGV[i])
  end
end
return lost
"""

RELEASE = f"""{_SHARED}
-- KEYS order, due; ARGV id, holder, ms until the next look, looks, failures
if not is_held(KEYS[1], ARGV[2]) then return 0 end
vacate(KEYS[1], ARGV[1])
redis.call('HDEL', KEYS[1], 'holder', 'busy', 'takes')
redis.call('HSET', KEYS[1], 'looks', ARGV[4], 'failures', ARGV[5])
redis.call('ZADD', KEYS[2], 'XX', now_ms() + ARGV[3], ARGV[1])
return 1
"""

ANSWERED = f"""{_SHARED}
-- KEYS order; ARGV holder, answer
if not is_held(KEYS[1], ARGV[1]) or redis.call('HGET', KEYS[1], 'standing') ~= 'placed' then return 0 end
redis.call('HSET', KEYS[1], 'answer', ARGV[2])
return 1
"""

OCCUPY = f"""{_SHARED}
-- KEYS order, busy; ARGV id, holder, ms of a lease
local owner = redis.call('GET', KEYS[2])
if not is_held(KEYS[1], ARGV[2]) or (owner and owner ~= ARGV[1]) then return 0 end
redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[3])
redis.call('HSET', KEYS[1], 'busy', KEYS[2])
return 1
"""

MOVE = """
-- KEYS old list, new list; ARGV new chat, beginning of orders: returns how many were moved
local ids = redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')
for i = 1, #ids, 2 do
  if redis.call('HEXISTS', ARGV[2] .. ids[i], 'asked') == 1 then
    redis.call('HSET', ARGV[2] .. ids[i], 'chat', ARGV[1])
    redis.call('ZADD', KEYS[2], ids[i + 1], ids[i])
  end
end
redis.call('DEL', KEYS[1])
return #ids / 2
"""
