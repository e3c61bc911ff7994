/**
 * Lua functions over the ledger of a key, a sorted set that lives as long as the window, and whether the server still has the data whose
 * marker a replica knows: what it has lost is counted by nobody before all have healed. They need `SCRIPT_HEAD`.
 */
export const LEDGER_FUNCTIONS = `
local function isEmptied(markerKey, marker)
  return redis.call('GET', markerKey) ~= marker
end

local function trimLedger(key, windowMs)
  callOn('ZREMRANGEBYSCORE', key, '-inf', text(now - windowMs))
end

local function enterLedger(key, request, atMs, windowMs)
  redis.call('ZADD', key, 'NX', text(atMs), request)
  redis.call('PEXPIRE', key, text(windowMs))
end

-- Until when the ledger is full, or nil where it has room for one more.
local function spentUntil(key, limit, windowMs)
  trimLedger(key, windowMs)
  local count = redis.call('ZCARD', key)
  if count < limit then return nil end
  local blocker = redis.call('ZRANGE', key, count - limit, count - limit, 'WITHSCORES')
  return (tonumber(blocker[2]) or now) + windowMs
end
`;
