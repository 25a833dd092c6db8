-- Takes an event and its content for one run, or tells who has them.
-- KEYS[1] the event, KEYS[2] its content, if any. Each ends in the key, written as 32 digits.
-- ARGV    the lease in microseconds, how long to remember the run in milliseconds, "F" if content may repeat.
-- An event is "STATE FENCE ATTEMPT UNTIL CONTENT", a content "EVENT FENCE STATE UNTIL REPEATS". Times are microseconds.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]

local fence, attempt = now, 1
local event = redis.call('GET', KEYS[1])
if event then
  local state, last, count, till = string.match(event, '^(%u) (%d+) (%d+) (%d+) %x*$')
  if not state then
    return redis.error_reply('ERR this key holds no event of hooklatch')
  end
  if state == 'C' then
    return {2}
  end
  if state == 'R' and now < tonumber(till) then
    return {1}
  end
  -- Larger than the last one even if the clock was set back.
  fence, attempt = math.max(now, last + 1), count + 1
end

local me, mine, flagged = string.sub(KEYS[1], -32), '', 0
if KEYS[2] then
  mine = string.sub(KEYS[2], -32)
  local content = redis.call('GET', KEYS[2])
  if content then
    local holder, state, till, repeats = string.match(content, '^(%x+) %d+ (%u) (%d+) ([F-])$')
    if not holder then
      return redis.error_reply('ERR this key holds no content of hooklatch')
    end
    if state == 'C' or now < tonumber(till) then
      -- Redis lost the event and kept its content.
      if holder == me then
        return {state == 'C' and 2 or 1}
      end
      if ARGV[3] ~= 'F' or repeats ~= 'F' then
        return {3, state == 'C' and 1 or 0}
      end
      mine, flagged = '', 1
    end
  end
end

-- What an earlier run took is over with its lease and ends by itself.
local number = string.format('%.0f', fence)
local till = string.format('%.0f', now + ARGV[1])
redis.call('SET', KEYS[1], table.concat({'R', number, string.format('%.0f', attempt), till, mine}, ' '), 'PX', ARGV[2])
if mine ~= '' then
  redis.call('SET', KEYS[2], table.concat({me, number, 'R', till, ARGV[3]}, ' '), 'PX', ARGV[2])
end
return {0, fence, attempt, flagged}
