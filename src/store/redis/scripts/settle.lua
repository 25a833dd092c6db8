-- Moves a running event on: "R" renews its lease, "C" completes it, "F" frees it. 0: the fence is not current.
-- KEYS[1] the event.
-- ARGV    the fence, the new state, the lease in microseconds, how long to remember it in milliseconds.
local event = redis.call('GET', KEYS[1])
if not event then
  return 0
end
local state, fence, attempt, content = string.match(event, '^(%u) (%d+) (%d+) %d+ (%x*)$')
if not state then
  return redis.error_reply('ERR this key holds no event of hooklatch')
end
if state ~= 'R' or fence ~= ARGV[1] then
  return 0
end

local till = '0'
if ARGV[2] == 'R' then
  local time = redis.call('TIME')
  till = string.format('%.0f', time[1] * 1000000 + time[2] + ARGV[3])
end
local kept = ARGV[2] == 'F' and '' or content
redis.call('SET', KEYS[1], table.concat({ARGV[2], fence, attempt, till, kept}, ' '), 'PX', ARGV[4])
if content ~= '' then
  local key = string.sub(KEYS[1], 1, -35) .. 'c:' .. content
  local held = string.sub(KEYS[1], -32) .. ' ' .. fence .. ' '
  local value = redis.call('GET', key)
  -- Another event may have taken it after the lease.
  if value and string.sub(value, 1, #held) == held then
    if ARGV[2] == 'F' then
      redis.call('DEL', key)
    else
      redis.call('SET', key, held .. ARGV[2] .. ' ' .. till .. ' ' .. string.match(value, '(%S+)$'), 'PX', ARGV[4])
    end
  end
end
return 1
