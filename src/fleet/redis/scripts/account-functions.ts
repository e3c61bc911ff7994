/**
 * Lua functions over the account of a key, a hash that lives for a day: for a quarter of an hour if the key was never accepted, so
 * that made-up keys do not fill the server. They need `SCRIPT_HEAD`.
 */
export const ACCOUNT_FUNCTIONS = `
-- What is no number, or larger than numbers are exact, is as if it were not there.
local function numberOf(field)
  local number = tonumber(field or 0)
  return number and number < 2 ^ 53 and number or 0
end

local function readAccount(key)
  local fields = callOn('HMGET', key, 'partition', 'last', 'refused', 'refusal', 'held', 'proven', 'head', 'gap')
  return {
    partition = fields[1] or nil,
    last = numberOf(fields[2]),
    refusedUntil = fields[3] or '0',
    refusal = fields[4] or '',
    heldUntil = fields[5] or '0',
    isProven = fields[6] and 1 or 0,
    -- The last reading, whether the log has it or not, and the last one that the log lacks, as far as that is written down: see gapOf.
    head = numberOf(fields[7]),
    gap = numberOf(fields[8]),
  }
end

local function writeAccount(key, ...)
  redis.call('HSET', key, ...)
  redis.call('PEXPIRE', key, redis.call('HGET', key, 'proven') and 86400000 or 900000)
end

local function toSeq(id)
  local ms, count = id:match('^(%d+)-(%d+)$')
  return tonumber(ms) * 1024 + tonumber(count)
end

-- The last reading that a log lacks which ends at a place. One that ends early was not given its last reading, or was lost.
local function gapOf(account, logEnd)
  return logEnd < account.head and account.head or account.gap
end

-- Later than all before and than the floor. A floor from a clock that is more than 5 s ahead would lead all others astray.
local function nextSeq(account, floor)
  local seq = math.max(account.last + 1, clockSeq)
  if floor <= (now + 5000) * 1024 then seq = math.max(seq, floor + 1) end
  return seq
end
`;
