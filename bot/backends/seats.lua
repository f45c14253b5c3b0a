-- Settles who has a seat at the service and who waits for one, when one replica tells its news; all replicas
-- share both.
--
-- KEYS  1 line: tickets by their tags   2 seats: tickets by the ends of their leases
--       3 people: the tags at which their questions so far end   4 replicas: by the ends of their leases
--       5 the tag that has been reached
-- ARGV  1 the replica   2 how many seats there are   3 length of a lease in ms   4 ms to keep what nobody touches
--       5 JSON, three lists of the replica's tickets: `left`, given up; `held`, those that have seats; `asking`,
--       those that want one
-- A ticket is `replica:number:person`; the person 0 is nobody in particular.
-- Returns the replica's tickets that have seats, and for each one asking its place in the line; 0: it has a seat.
--
-- The line is start-time fair queueing: a question's tag is the tag that has been reached, or the end of the same
-- person's question before, whichever is later; it ends at its tag plus 1, and the least tag is next. The tag
-- that has been reached also grows a little with every question and every seat, so that those who come at the
-- same tag are served in their order, and those who wait are not passed by newcomers for ever.
-- Source: Goyal, Vin, Cheng: Start-time Fair Queuing, SIGCOMM 1996.
--
-- The same news told twice change nothing more: tickets that are known are not added again.

local line, seats, people, replicas, reached_key = unpack(KEYS)
local me, size, keep = ARGV[1], tonumber(ARGV[2]), ARGV[4]
local news = cjson.decode(ARGV[5])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local deadline = string.format('%d', now + ARGV[3])
local expired = '(' .. string.format('%d', now)

local function exact(number) return string.format('%.17g', number) end
local function replica_of(ticket) return string.match(ticket, '^[^:]+') end
local function person_of(ticket) return string.match(ticket, '[^:]+$') end

-- A lease that ends further ahead than any can was given before the clock was set back.
local function expire(leases)
  redis.call('ZREMRANGEBYSCORE', leases, '-inf', expired)
  for _, name in ipairs(redis.call('ZRANGEBYSCORE', leases, '(' .. deadline, '+inf')) do
    redis.call('ZADD', leases, deadline, name)
  end
end

-- A question that goes unanswered takes no turn of its person.
local function leave(ticket)
  redis.call('ZREM', seats, ticket)
  local tag, person = redis.call('ZSCORE', line, ticket), person_of(ticket)
  if redis.call('ZREM', line, ticket) == 0 or person == '0' then return end
  for _, other in ipairs(redis.call('ZRANGEBYSCORE', line, '(' .. tag, '+inf')) do
    if person_of(other) == person then redis.call('ZINCRBY', line, -1, other) end
  end
  redis.call('ZINCRBY', people, -1, person)
end

local function bury(dead)
  for _, ticket in ipairs(redis.call('ZRANGE', line, 0, -1)) do
    if dead[replica_of(ticket)] then redis.call('ZREM', line, ticket) end
  end
end

expire(seats)
local dead = {}
for _, name in ipairs(redis.call('ZRANGEBYSCORE', replicas, '-inf', expired)) do dead[name] = true end
dead[me] = nil
if next(dead) then bury(dead) end
expire(replicas)
redis.call('ZADD', replicas, deadline, me)

for _, ticket in ipairs(news.left) do leave(ticket) end
for _, ticket in ipairs(news.held) do
  redis.call('ZREM', line, ticket)
  redis.call('ZADD', seats, deadline, ticket)
end

local reached = tonumber(redis.call('GET', reached_key) or 0)
for _, ticket in ipairs(news.asking) do
  if not redis.call('ZSCORE', line, ticket) and not redis.call('ZSCORE', seats, ticket) then
    reached = reached + 2 ^ -20
    local tag, person = reached, person_of(ticket)
    if person ~= '0' then
      tag = math.max(reached, tonumber(redis.call('ZSCORE', people, person) or 0))
      redis.call('ZADD', people, exact(tag + 1), person)
    end
    redis.call('ZADD', line, exact(tag), ticket)
  end
end

while redis.call('ZCARD', seats) < size do
  local first = redis.call('ZPOPMIN', line)
  if #first == 0 then break end
  redis.call('ZADD', seats, deadline, first[1])
  reached = math.max(tonumber(first[2]), reached + 1 / (redis.call('ZCARD', line) + 2))
end
redis.call('ZREMRANGEBYSCORE', people, '-inf', exact(reached))
redis.call('SET', reached_key, exact(reached))
for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, keep) end

local seated, places = {}, {}
for _, ticket in ipairs(redis.call('ZRANGE', seats, 0, -1)) do
  if replica_of(ticket) == me then table.insert(seated, ticket) end
end
for _, ticket in ipairs(news.asking) do
  table.insert(places, (redis.call('ZRANK', line, ticket) or -1) + 1)
end
return {seated, places}
