-- Lets requests go one after another, no closer than the service wants. All replicas share one pace, by the clock
-- of Redis: slots are given in the order of asking, and a request that goes late in its slot holds up the next one.
--
-- KEYS  1 the pace, a hash: `next`, when the first slot begins that is free; `holder`, the ticket that has the slot
--       before it; `sent`, when the newest request went; `sender`, its ticket. Times are in ms.
-- ARGV  1 what is wanted   2 ms between two requests   3 ms to keep what nobody touches   4 a ticket, or ms
--       5 the slot of the ticket; 0: it has none yet
-- What is wanted:
--   turn  Returns the slot of the ticket, and the ms to wait before asking again; 0: the request may go now.
--   back  Nobody needs the slot of the ticket: if it is the newest, it is free again.
--   rest  No request may go for so many ms.
-- Asked twice, each does what it does when asked once.

local pace, wanted, gap = KEYS[1], ARGV[1], tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local known = redis.call('HMGET', pace, 'next', 'holder', 'sent', 'sender')
local free, holder, sent, sender = tonumber(known[1]) or 0, known[2], tonumber(known[3]) or 0, known[4]

local function keep(...)
  redis.call('HSET', pace, ...)
  redis.call('PEXPIRE', pace, ARGV[3])
end
local function whole(number) return string.format('%d', number) end

-- What lies further ahead than anything can was written before the clock was set back.
if free > now + tonumber(ARGV[3]) then free = 0 end
if sent > now + tonumber(ARGV[3]) then sent = 0 end

if wanted == 'rest' then
  local ends = now + tonumber(ARGV[4])
  keep('next', whole(math.max(free, ends)), 'sent', whole(math.max(sent, ends - gap)), 'holder', '', 'sender', '')
  return {0, 0}
end

local ticket, slot = ARGV[4], tonumber(ARGV[5])
if wanted == 'back' then
  if holder == ticket then keep('next', whole(free - gap), 'holder', '') end
  return {0, 0}
end

if slot == 0 then
  slot = holder == ticket and free - gap or math.max(now, free)
  keep('next', whole(slot + gap), 'holder', ticket)
end
local due = math.max(slot, sender == ticket and 0 or sent + gap)
if due <= now then
  keep('sent', whole(now), 'sender', ticket)
  return {slot, 0}
end
return {slot, due - now}
