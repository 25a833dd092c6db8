-- Removes an event and the content it holds. 0: there was none.
-- KEYS[1] the event.
local event = redis.call('GET', KEYS[1])
if not event then
  return 0
end
local fence, content = string.match(event, '^%u (%d+) %d+ %d+ (%x*)$')
if content and content ~= '' then
  local key = string.sub(KEYS[1], 1, -35) .. 'c:' .. content
  local held = string.sub(KEYS[1], -32) .. ' ' .. fence .. ' '
  local value = redis.call('GET', key)
  if value and string.sub(value, 1, #held) == held then
    redis.call('DEL', key)
  end
end
redis.call('DEL', KEYS[1])
return 1
