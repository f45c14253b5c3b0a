"""The inbox's moves as Lua scripts: each is one step that either happened or did not.

The one invariant they keep: a conversation with waiting updates has exactly one announcement in the stream of
ready conversations, waiting or claimed; one without has none. What is being handled stays at the head of its
list until it is done, so that a crash leaves it where the next worker looks.

An item of a list is an update, behind the id of its sender and a separator if it is limited: so many of them
may wait at a time, of a sender and in a conversation; both are counted in one hash. Identities are numbered and
not dated, because clocks jump.

An announcement carries the update itself if that waits alone and nothing can be missing from it, which is the
case nearly always: who claims it at once is spared a question. It counts as taken then; who is the first to
claim it, but late, asks nevertheless, and may take what has come since with it.

A call whose answer got lost is made again: each script then finds what it has done, and does no more.

A Redis that is full refuses to store anything unless the script has written before, as it cannot break off in
the middle: what takes things off the lists begins with a deletion, so that a full inbox can be worked off.
"""

_IS_WHOLE = """
local function is_whole(item, below, unlike)
  local sender_ends = string.find(item, '\\31', 1, true) or 0
  return #item - sender_ends < tonumber(below) and not string.find(item, unlike, 1, true)
end
"""

PUT = f"""{_IS_WHOLE}
-- KEYS seen, waiting, ready, senders, told, taken; ARGV slug, how many identities to remember, most that wait
-- here, most of one sender, seconds before a sender is told again, channel, how long a lone update may be to be
-- taken at once, and what it may not hold then; for each update its identity, the sender (empty: not limited),
-- what is told to those who answer here, and the item
-- Returns for each: 0 known, 1 kept, 2 refused, and the sender has to be told, 3 refused, and was told
local answers, here, kept, first = {{}}, 'in:' .. ARGV[1], 0, nil
for i = 9, #ARGV, 4 do
  local newest = redis.call('ZREVRANGE', KEYS[1], 0, 0, 'WITHSCORES')
  local number, sender, answer = (tonumber(newest[2]) or 0) + 1, ARGV[i + 1], 1
  if redis.call('ZSCORE', KEYS[1], ARGV[i]) then
    answer = 0
  elseif sender ~= '' and ((tonumber(redis.call('HGET', KEYS[4], here)) or 0) >= tonumber(ARGV[3])
      or (tonumber(redis.call('HGET', KEYS[4], sender)) or 0) >= tonumber(ARGV[4])) then
    local told = redis.call('GET', KEYS[5] .. sender)
    answer = told and told ~= ARGV[i] and 3 or 2
    redis.call('SET', KEYS[5] .. sender, told or ARGV[i], 'EX', ARGV[5])
  else
    redis.call('ZADD', KEYS[1], number, ARGV[i])
    if sender ~= '' then
      redis.call('HINCRBY', KEYS[4], sender, 1)
      redis.call('HINCRBY', KEYS[4], here, 1)
    end
    kept = kept + 1
    if redis.call('RPUSH', KEYS[2], ARGV[i + 3]) == 1 then
      first = ARGV[i + 3]
    elseif ARGV[i + 2] ~= '' then
      redis.call('PUBLISH', ARGV[6], ARGV[i + 2])
    end
  end
  table.insert(answers, answer)
end
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -(tonumber(ARGV[2]) + 1))
if first and kept == 1 and is_whole(first, ARGV[7], ARGV[8]) then
  redis.call('XADD', KEYS[3], '*', 'conversation', ARGV[1], 'update', first)
  redis.call('HSET', KEYS[6], ARGV[1], 1)
elseif first then
  redis.call('XADD', KEYS[3], '*', 'conversation', ARGV[1])
end
return answers
"""

PUT_CONTROL = """
-- KEYS seen, control, senders; ARGV identity, update, how many identities to remember, sender (empty: not
-- limited), most of one sender
-- Returns 0: known, 1: kept, 3: refused; nobody is told, because what travels here is asked again and again
local newest = redis.call('ZREVRANGE', KEYS[1], 0, 0, 'WITHSCORES')
if redis.call('ZSCORE', KEYS[1], ARGV[1]) then return 0 end
local field = 'control:' .. ARGV[4]
if ARGV[4] ~= '' then
  if (tonumber(redis.call('HGET', KEYS[3], field)) or 0) >= tonumber(ARGV[5]) then return 3 end
  redis.call('HINCRBY', KEYS[3], field, 1)
end
redis.call('ZADD', KEYS[1], (tonumber(newest[2]) or 0) + 1, ARGV[1])
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -(tonumber(ARGV[3]) + 1))
redis.call('XADD', KEYS[2], '*', 'update', ARGV[2], 'sender', ARGV[4])
return 1
"""

LOOK = f"""{_IS_WHOLE}
-- KEYS waiting, taken, ready; ARGV slug, how many at most, how long a lone update may be to be taken at once,
-- and what it may not hold then; group, entry, consumer, '1' if it carries an update that nobody has seen yet
-- Returns how many an earlier attempt took together (0: none did), and the items at the head; nothing if the
-- claim is somebody else's by now
local held = redis.call('XPENDING', KEYS[3], ARGV[5], ARGV[6], ARGV[6], 1, ARGV[7])[1]
if not held then return false end
if ARGV[8] == '1' and held[4] == 1 then redis.call('HDEL', KEYS[2], ARGV[1]) end
local taken = tonumber(redis.call('HGET', KEYS[2], ARGV[1])) or 0
local items = redis.call('LRANGE', KEYS[1], 0, (taken > 0 and taken or tonumber(ARGV[2])) - 1)
if taken == 0 and #items == 1 and is_whole(items[1], ARGV[3], ARGV[4]) then
  redis.call('HDEL', KEYS[2], ARGV[1])
  redis.call('HSET', KEYS[2], ARGV[1], 1)
end
return {{taken, items}}
"""

UNCOUNT = """
local function uncount(item, slug, senders)
  local sender, update = string.match(item, '^(%-?%d+)\\31(.*)$')
  for _, field in ipairs(sender and {sender, 'in:' .. slug} or {}) do
    if redis.call('HINCRBY', senders, field, -1) <= 0 then redis.call('HDEL', senders, field) end
  end
  return update or item
end
"""

_POP = f"""{UNCOUNT}
local function pop(waiting, slug, senders)
  local item = redis.call('LPOP', waiting)
  return item and uncount(item, slug, senders)
end
"""

TAKE = f"""{_POP}
-- KEYS ready, taken, waiting, senders; ARGV group, entry, slug, how many, after how many are let go, consumer
-- Returns 0: the claim was lost, 1: taken, 2: it had been settled before what is handled as one
if #redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[2], ARGV[2], 1, ARGV[#ARGV]) == 0 then return 0 end
if redis.call('HEXISTS', KEYS[2], ARGV[3]) == 1 then return 2 end
redis.call('HDEL', KEYS[2], ARGV[3])
for i = 1, ARGV[5] do pop(KEYS[3], ARGV[3], KEYS[4]) end
redis.call('HSET', KEYS[2], ARGV[3], ARGV[4])
return 1
"""

DONE = f"""{_POP}
-- KEYS waiting, ready, dead, senders, taken, deaths; ARGV group, entry, slug, why it died (empty: it did not),
-- how many dead to keep, how many were handled, consumer
-- A worker that was taken for dead finds that the entry is no longer its own, and changes nothing.
if #redis.call('XPENDING', KEYS[2], ARGV[1], ARGV[2], ARGV[2], 1, ARGV[#ARGV]) == 0 then return 0 end
redis.call('XACK', KEYS[2], ARGV[1], ARGV[2])
redis.call('XDEL', KEYS[2], ARGV[2])
redis.call('HDEL', KEYS[5], ARGV[3])
redis.call('HDEL', KEYS[6], ARGV[2])
for i = 1, ARGV[6] do
  local update = pop(KEYS[1], ARGV[3], KEYS[4])
  if not update then break end
  if ARGV[4] ~= '' then
    redis.call('XADD', KEYS[3], 'MAXLEN', ARGV[5], '*', 'conversation', ARGV[3], 'why', ARGV[4],
      'update', update)
  end
end
-- Who puts something into a list that was empty announces it.
if tonumber(ARGV[6]) > 0 and redis.call('LLEN', KEYS[1]) > 0 then
  redis.call('XADD', KEYS[2], '*', 'conversation', ARGV[3])
end
return 1
"""

DONE_CONTROL = """
-- KEYS control, dead, senders, deaths; ARGV group, entry, update, why it died (empty: it did not), how many
-- dead to keep, consumer
if #redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[2], ARGV[2], 1, ARGV[#ARGV]) == 0 then return 0 end
local fields = (redis.call('XRANGE', KEYS[1], ARGV[2], ARGV[2])[1] or {'', {}})[2]
local sender = fields[4] or ''
if sender ~= '' and redis.call('HINCRBY', KEYS[3], 'control:' .. sender, -1) <= 0 then
  redis.call('HDEL', KEYS[3], 'control:' .. sender)
end
redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
redis.call('XDEL', KEYS[1], ARGV[2])
redis.call('HDEL', KEYS[4], ARGV[2])
if ARGV[4] ~= '' then
  redis.call('XADD', KEYS[2], 'MAXLEN', ARGV[5], '*', 'conversation', '', 'why', ARGV[4], 'update', ARGV[3])
end
return 1
"""

SINCE = """
local function fact(entry, name)
  for i = 1, #entry[2], 2 do if entry[2][i] == name then return entry[2][i + 1] end end
end
local function since(entry) return fact(entry, 'since') or entry[1] end
"""
"""Which entry first announced what an entry announces, as handing back announces it anew."""

_KNOWN = """
-- What is known of an entry with which workers died: what it is blamed for, when it was last taken over in ms,
-- how many deaths in a row came soon after that, how many suspects the last deadly trial had; which delivery
-- was judged last, and the last sign of life by then
local names = {'blame', 'at', 'sudden', 'tried', 'judged', 'sign'}
local function known(entry)
  local one, numbers = {}, string.gmatch(redis.call('HGET', KEYS[2], entry) or '', '%d+')
  for _, name in ipairs(names) do one[name] = tonumber(numbers() or 0) end
  return one
end
local function note(entry, one)
  local told = {}
  for _, name in ipairs(names) do table.insert(told, string.format('%.0f', one[name])) end
  redis.call('HSET', KEYS[2], entry, table.concat(told, ' '))
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
"""

RELEASE = f"""{SINCE}{_KNOWN}
-- KEYS stream, deaths; ARGV group, entry, consumer: let the next free worker have it at once, who asks what
-- was taken, and know since when it has waited and what it is blamed for
if #redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[2], ARGV[2], 1, ARGV[#ARGV]) == 0 then return 0 end
local entry = redis.call('XRANGE', KEYS[1], ARGV[2], ARGV[2])[1]
redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
redis.call('XDEL', KEYS[1], ARGV[2])
if not entry then return 1 end
local blame = known(ARGV[2]).blame + (fact(entry, 'blame') or 0)
redis.call('HDEL', KEYS[2], ARGV[2])
if entry[2][1] == 'conversation' then
  redis.call('XADD', KEYS[1], '*', 'conversation', entry[2][2], 'since', since(entry), 'blame', blame)
else
  local sender = fact(entry, 'sender') or ''
  redis.call('XADD', KEYS[1], '*', 'update', fact(entry, 'update'), 'sender', sender, 'blame', blame)
end
return 1
"""

LEAVE = """
-- KEYS stream; ARGV group, ms of silence, consumer (empty: any): remove whom nothing is held by, in one step
-- with the look, because what is delivered in between would be forgotten with them
-- Before Redis 7.2, whoever asks in vain is silent too: removed, they are there again when something comes.
for _, one in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])) do
  local facts = {}
  for i = 1, #one, 2 do facts[one[i]] = one[i + 1] end
  local is_meant = ARGV[3] == '' or ARGV[3] == facts['name']
  if is_meant and facts['pending'] == 0 and facts['idle'] >= tonumber(ARGV[2]) then
    redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], facts['name'])
  end
end
return 1
"""

RENEW = """
-- KEYS stream, epoch; ARGV group, consumer, epoch, entries...; returns the entries that another consumer has
-- taken over; nothing at all if Redis has lost its data since they were claimed
if redis.call('GET', KEYS[2]) ~= ARGV[3] then return false end
local mine, kept, lost = {}, {}, {}
for _, claim in ipairs(redis.call('XPENDING', KEYS[1], ARGV[1], '-', '+', 1000000, ARGV[2])) do
  mine[claim[1]] = true
end
for i = 4, #ARGV do table.insert(mine[ARGV[i]] and kept or lost, ARGV[i]) end
for i = 1, #kept, 1000 do
  local renewal = {KEYS[1], ARGV[1], ARGV[2], 0, unpack(kept, i, math.min(i + 999, #kept))}
  table.insert(renewal, 'JUSTID')
  redis.call('XCLAIM', unpack(renewal))
end
return lost
"""

_STALE = """
-- Who cannot be heard listening, though the one who asks can, is gone. What the one who asks holds and does not
-- renew was forgotten, and is given no more time. A user who may not ask who listens learns nothing.
local function listens(consumer)
  local heard = redis.pcall('PUBSUB', 'NUMSUB', ARGV[5] .. consumer)
  return heard.err == nil and heard[2] > 0
end
local is_heard = listens(ARGV[2])
local function stale(consumer, most)
  local is_gone = is_heard and (consumer == ARGV[2] or not listens(consumer))
  local silence = is_gone and ARGV[4] or ARGV[3]
  return redis.call('XPENDING', KEYS[1], ARGV[1], 'IDLE', silence, '-', '+', most, consumer), silence
end
"""

FIND_STALE = f"""{_STALE}
-- KEYS stream; ARGV group, consumer, ms without a sign of life after which a claim is stale, and the same of
-- one whose holder is gone, prefix of the channels to which those who live listen
-- Returns who holds anything stale
local holders = {{}}
for _, holder in ipairs(redis.call('XPENDING', KEYS[1], ARGV[1])[4] or {{}}) do
  if #stale(holder[1], 1) > 0 then table.insert(holders, holder[1]) end
end
return holders
"""

BLAME = 100
"""For the death of a worker that held nothing else; all that died with it share it, but not by more than five.

Where workers live for seconds only, an answer that takes longer dies with dozens of them, and is innocent.
"""
_COMPANY = 5
_SUSPECT = 5
"""What died with so many workers in a row, soon after they had taken it over, may end them at once."""
_PROVEN = 4 * BLAME
"""For such a death when suspects were tried apart from all others; those of one trial share it."""
_BLAMED_S = 86_400
"""Nobody dies of what was held so long ago; and what left the stream in another way leaves nothing behind."""
_SAME_SIGN_MS = 50
"""Two readings of one sign of life differ by less; the next sign is longer away."""

JUDGE = f"""{_STALE}{_KNOWN}
-- KEYS stream, deaths; ARGV group, consumer, ms without a sign of life after which a claim is stale, and the
-- same of one whose holder is gone, prefix of the channels to which those who live listen, ms without a sign of
-- life that make a death sudden, dead holders...
-- Writes down for each claim of a dead worker, once, what it is blamed for. Nothing is blamed for what the one
-- who asks forgot: it lives; and nothing for the sudden death of suspects besides them.
redis.call('HDEL', KEYS[2], '')
local function judge(claims)
  local facts, proven = {{}}, 0
  for _, claim in ipairs(claims) do
    local one, sign = known(claim[1]), now - claim[3]
    if one.judged ~= claim[4] or sign > one.sign + {_SAME_SIGN_MS} then
      one.is_sudden = sign - one.at < tonumber(ARGV[6])
      one.is_proven = one.is_sudden and one.sudden >= {_SUSPECT}
      one.judged, one.sign = claim[4], sign
      if one.is_proven then proven = proven + 1 end
      facts[claim[1]] = one
    end
  end
  for entry, one in pairs(facts) do
    if one.is_proven then
      one.blame, one.tried = one.blame + {_PROVEN} / proven, proven
    elseif proven == 0 then
      one.blame = one.blame + {BLAME} / math.min(#claims, {_COMPANY})
    end
    if not one.is_sudden then
      one.sudden = 0
    elseif one.is_proven or proven == 0 then
      one.sudden = one.sudden + 1
    end
    note(entry, one)
  end
end
for i = 7, #ARGV do
  if ARGV[i] ~= ARGV[2] then judge((stale(ARGV[i], 10000))) end
end
redis.call('EXPIRE', KEYS[2], {_BLAMED_S})
"""

TAKE_OVER = f"""{_STALE}{_KNOWN}
-- KEYS stream, deaths; ARGV the first five as above, how many at most, how many suspects at most, holders...
-- What is not suspected is taken first. When nothing else is left, half of the suspects are, who are blamed for
-- less; or half as many as were in the last trial that was deadly, until each trial has one.
-- Returns for each claim its entry, how often it has been delivered by now, what it is blamed for since it was
-- announced, whether it is suspected, and the fields; what is claimed but is not in the stream any more is
-- forgotten. Asked again, it takes others: the first are one's own by then.
local function found_among(most)
  local safe, suspects = {{}}, {{}}
  for i = 8, #ARGV do
    local claims, silence = stale(ARGV[i], most)
    for _, claim in ipairs(claims) do
      local one = known(claim[1])
      one.entry, one.deliveries, one.silence, one.place = claim[1], claim[4] + 1, silence, #suspects
      table.insert(one.sudden >= {_SUSPECT} and suspects or safe, one)
    end
    if #safe >= tonumber(ARGV[6]) then break end
  end
  return safe, suspects
end
redis.call('HDEL', KEYS[2], '')
local chosen, suspects = found_among(100)
if #chosen == 0 then chosen, suspects = found_among(10000) end
local most, is_trial = tonumber(ARGV[6]), #chosen == 0 and #suspects > 0
if is_trial then
  table.sort(suspects, function(a, b)
    if a.blame ~= b.blame then return a.blame < b.blame end
    return a.place < b.place
  end)
  local tried = suspects[1].tried
  chosen = suspects
  most = math.min(ARGV[7], math.ceil((tried > 0 and math.min(tried, #suspects) or #suspects) / 2))
end
local taken = {{}}
for _, one in ipairs(chosen) do
  if #taken >= most then break end
  redis.call('HDEL', KEYS[2], one.entry)
  for _, entry in ipairs(redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], one.silence, one.entry)) do
    one.at = now
    note(one.entry, one)
    table.insert(taken, {{one.entry, one.deliveries, one.blame, is_trial and 1 or 0, entry[2]}})
  end
end
redis.call('EXPIRE', KEYS[2], {_BLAMED_S})
return taken
"""
