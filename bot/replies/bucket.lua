-- Admits one call to Telegram, or tells how long to wait; all replicas share the buckets.
--
-- KEYS  1 the chat's bucket   2 the bucket of all chats
-- ARGV  1 need: tokens that must be in the chat's bucket   2 its rate a second   3 its size
--       4 need, 5 rate a second, 6 size of the bucket of all chats; a rate of 0: no limit
--       7 half-life of the slowness in ms   8 ms to keep an idle bucket
-- Returns milliseconds to wait; 0: granted, and a token is taken from both.
-- A chat's bucket: tokens, at (ms of the last refill), until (ms of the end of a penalty), silence (its length in
-- ms), slowness (1 or more: by how much the rate is divided), since (ms when the slowness was set).
-- A moment that lies further ahead than it can was written before the clock was set back; it is then counted
-- from now, lest the chat be silent until the clock is there again.

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)


local function refill(key, rate, size)
  local held = redis.call('HMGET', key, 'tokens', 'at')
  local tokens, at = tonumber(held[1]) or size, tonumber(held[2]) or now
  if at > now then redis.call('HSET', key, 'at', now) end
  return math.min(size, tokens + math.max(0, now - at) * rate / 1000)
end

local function lack(tokens, need, rate)
  if tokens >= need then return 0 end
  return math.max(1, math.ceil((need - tokens) * 1000 / rate))
end

local function take(key, tokens)
  redis.call('HSET', key, 'tokens', tostring(tokens - 1), 'at', now)
  redis.call('PEXPIRE', key, ARGV[8])
end

local penalty = redis.call('HMGET', KEYS[1], 'until', 'slowness', 'since', 'silence')
local deadline = tonumber(penalty[1]) or 0
if deadline - now > (tonumber(penalty[4]) or math.huge) then
  deadline = now + tonumber(penalty[4])
  redis.call('HSET', KEYS[1], 'until', deadline, 'at', deadline, 'since', deadline)
end
if deadline > now then return deadline - now end

local slowness, since = tonumber(penalty[2]) or 1, tonumber(penalty[3]) or now
if since > now then
  since = now
  redis.call('HSET', KEYS[1], 'since', now)
end
slowness = 1 + (slowness - 1) * math.pow(0.5, (now - since) / tonumber(ARGV[7]))

local rate = tonumber(ARGV[2]) / slowness
local tokens = refill(KEYS[1], rate, tonumber(ARGV[3]))
local wait = lack(tokens, tonumber(ARGV[1]), rate)
local overall_rate = tonumber(ARGV[5])
local overall = 0
if overall_rate > 0 then
  overall = refill(KEYS[2], overall_rate, tonumber(ARGV[6]))
  wait = math.max(wait, lack(overall, tonumber(ARGV[4]), overall_rate))
end
if wait > 0 then return wait end

take(KEYS[1], tokens)
if overall_rate > 0 then take(KEYS[2], overall) end
return 0
