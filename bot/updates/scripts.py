"""The inbox's moves as Lua scripts: each is one step that either happened or did not.

The one invariant they keep: a conversation with waiting updates has exactly one announcement in the stream of
ready conversations, waiting or claimed; one without has none. The update being handled stays at the head of its
list until it is done, so that a crash leaves it where the next worker looks.
"""

PUT = """
-- KEYS seen, waiting, ready; ARGV identity, update, slug, time, how many identities to remember
if redis.call('ZADD', KEYS[1], 'NX', ARGV[4], ARGV[1]) == 0 then return 0 end
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -(tonumber(ARGV[5]) + 1))
if redis.call('RPUSH', KEYS[2], ARGV[2]) == 1 then redis.call('XADD', KEYS[3], '*', 'conversation', ARGV[3]) end
return 1
"""

PUT_CONTROL = """
-- KEYS seen, control; ARGV identity, update, time, how many identities to remember
if redis.call('ZADD', KEYS[1], 'NX', ARGV[3], ARGV[1]) == 0 then return 0 end
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -(tonumber(ARGV[4]) + 1))
redis.call('XADD', KEYS[2], '*', 'update', ARGV[2])
return 1
"""

DONE = """
-- KEYS waiting, ready, dead; ARGV group, entry, slug, why it died (empty: it did not), how many dead to keep,
-- consumer
-- A worker that was taken for dead finds that the entry is no longer its own, and changes nothing.
if #redis.call('XPENDING', KEYS[2], ARGV[1], ARGV[2], ARGV[2], 1, ARGV[#ARGV]) == 0 then return 0 end
redis.call('XACK', KEYS[2], ARGV[1], ARGV[2])
redis.call('XDEL', KEYS[2], ARGV[2])
local update = redis.call('LPOP', KEYS[1])
if ARGV[4] ~= '' and update then
  redis.call('XADD', KEYS[3], 'MAXLEN', ARGV[5], '*', 'conversation', ARGV[3], 'why', ARGV[4], 'update', update)
end
if redis.call('LLEN', KEYS[1]) > 0 then redis.call('XADD', KEYS[2], '*', 'conversation', ARGV[3]) end
return 1
"""

DONE_CONTROL = """
-- KEYS control, dead; ARGV group, entry, update, why it died (empty: it did not), how many dead to keep,
-- consumer
if #redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[2], ARGV[2], 1, ARGV[#ARGV]) == 0 then return 0 end
redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
redis.call('XDEL', KEYS[1], ARGV[2])
if ARGV[4] ~= '' then
  redis.call('XADD', KEYS[2], 'MAXLEN', ARGV[5], '*', 'conversation', '', 'why', ARGV[4], 'update', ARGV[3])
end
return 1
"""

RELEASE = """
-- KEYS stream; ARGV group, entry, field, value, consumer: let the next free worker have it at once
if #redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[2], ARGV[2], 1, ARGV[#ARGV]) == 0 then return 0 end
redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
redis.call('XDEL', KEYS[1], ARGV[2])
redis.call('XADD', KEYS[1], '*', ARGV[3], ARGV[4])
return 1
"""

RENEW = """
-- KEYS stream; ARGV group, consumer, entries...; returns the entries that another consumer has taken over
local lost = {}
for i = 3, #ARGV do
  if #redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[i], ARGV[i], 1, ARGV[2]) == 0 then
    table.insert(lost, ARGV[i])
  else
    redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, ARGV[i], 'JUSTID')
  end
end
return lost
"""
