-- Remembers that Telegram wants silence in a chat, and slows the chat down afterwards.
--
-- KEYS  1 the chat's bucket
-- ARGV  1 milliseconds of silence   2 by how much to slow down   3 the most slowness
--       4 half-life of the slowness in ms   5 ms to keep the bucket after the silence

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local held = redis.call('HMGET', KEYS[1], 'until', 'slowness', 'since', 'silence')
-- no more is left of an earlier silence than it was long, wherever the clock was set meanwhile
local left = math.min((tonumber(held[1]) or 0) - now, tonumber(held[4]) or 0)
local silence = math.max(left, tonumber(ARGV[1]))
local deadline = now + silence
local since = tonumber(held[3]) or now
local slowness = 1 + ((tonumber(held[2]) or 1) - 1) * math.pow(0.5, math.max(0, now - since) / tonumber(ARGV[4]))
slowness = math.min(tonumber(ARGV[3]), slowness * tonumber(ARGV[2]))

-- one token at the end of the silence: the final call may go at once, frames follow
redis.call('HSET', KEYS[1], 'until', deadline, 'silence', silence, 'tokens', 1, 'at', deadline,
  'slowness', tostring(slowness), 'since', deadline)
redis.call('PEXPIRE', KEYS[1], deadline - now + tonumber(ARGV[5]))
return 0
