import { ACCOUNT_FUNCTIONS } from './account-functions.ts';
import { CLAIM_FUNCTIONS } from './claim-functions.ts';
import { createScript } from './create-script.ts';

/**
 * A reading that is not put into the log is a gap: its time is the key's head, and the log ends before it. What is dropped from the log
 * is one as well, for those who have not applied it. On a server that is full, a log grows to 64 KiB only: what is full need not keep replicas from
 * sharing what is small and new.
 *
 * Of the log are kept 15 minutes, 256 entries and 1 MiB. The hash of subjects has the entries of each, with their sizes, and the log's
 * size as well, so that one without the other is nothing.
 */
const BODY = `${ACCOUNT_FUNCTIONS}${CLAIM_FUNCTIONS}
local accountKey, logKey, subjectsKey, claimsKey = unpack(KEYS)
local replica, channel, partition, span, subject, asked, sealed, floor, request, atMs, expires = unpack(ARGV)
local keptMs, maxReadings, maxRung = 900000, 256, 65536

local account = readAccount(accountKey)
if account.partition and account.partition ~= partition then return { now, 'moved', account.partition } end
local function ring(...)
  redis.call('PUBLISH', channel, table.concat({ replica, ... }, ' '))
end

dropClaim(claimsKey, span, request)
if now > tonumber(expires) then
  ring('failed', partition, span, subject, request, atMs, '.')
  return { now, 'expired' }
end

-- Drops the entries of a subject that a condition holds for. Returns the others.
local function dropEntries(entrySubject, isOver)
  local others = {}
  for id, bytes in (redis.call('HGET', subjectsKey, entrySubject) or ''):gmatch('(%S+) (%S+)') do
    if isOver(id) then
      redis.call('XDEL', logKey, id)
      redis.call('HINCRBY', subjectsKey, '.bytes', '-' .. bytes)
    else
      others[#others + 1] = id .. ' ' .. bytes
    end
  end
  return others
end

local function writeEntries(entrySubject, entries)
  if #entries == 0 then
    redis.call('HDEL', subjectsKey, entrySubject)
  else
    redis.call('HSET', subjectsKey, entrySubject, table.concat(entries, ' '))
  end
end

local last = callOn('XREVRANGE', logKey, '+', '-', 'COUNT', 1)[1]
local bytesKept = callOn('HGET', subjectsKey, '.bytes')
if redis.call('EXISTS', logKey, subjectsKey) == 1 or not tonumber(bytesKept or 0) then
  redis.call('DEL', logKey, subjectsKey)
  last, bytesKept = nil, nil
end
local logEnd = last and toSeq(last[1]) or 0
local previous = math.max(logEnd, account.head)
local gap = gapOf(account, logEnd)
local seq = math.max(nextSeq(account, tonumber(floor)), previous + 1)
local maxBytes = isFull and math.max(65536, tonumber(bytesKept or 0)) or 1048576

local function trim()
  while true do
    local oldest = redis.call('XRANGE', logKey, '-', '+', 'COUNT', 1)[1]
    if not oldest then return end
    local isOver = redis.call('XLEN', logKey) > maxReadings
      or tonumber(redis.call('HGET', subjectsKey, '.bytes')) > maxBytes
      or math.floor(toSeq(oldest[1]) / 1024) <= now - keptMs
    if not isOver then return end
    -- Also where no script has written it, and the hash does not know of it.
    redis.call('XDEL', logKey, oldest[1])
    gap = math.max(gap, toSeq(oldest[1]))
    local entrySubject = oldest[2][2]
    writeEntries(entrySubject, dropEntries(entrySubject, function(id) return id == oldest[1] end))
  end
end

local isShared = sealed ~= '.' and #subject + #sealed <= maxBytes
if isShared then
  local id = text(math.floor(seq / 1024)) .. '-' .. text(seq % 1024)
  local bytes = #subject + #sealed
  -- What came after this one was asked for may know better.
  local entries = dropEntries(subject, function(older) return toSeq(older) < tonumber(asked) end)
  entries[#entries + 1] = id .. ' ' .. text(bytes)
  redis.call('XADD', logKey, id, 's', subject, 'a', asked, 'r', request, 't', atMs, 'v', sealed)
  writeEntries(subject, entries)
  redis.call('HINCRBY', subjectsKey, '.bytes', bytes)
  trim()
  redis.call('PEXPIRE', logKey, keptMs)
  redis.call('PEXPIRE', subjectsKey, keptMs)
end
writeAccount(
  accountKey,
  'partition', partition, 'last', text(seq), 'proven', '1', 'head', text(seq), 'gap', text(gap)
)

local rung = (isShared and #sealed <= maxRung) and sealed or '.'
ring('landed', partition, text(previous), text(seq), asked, subject, request, atMs, rung)
return { now, 'landed', seq, previous, isShared and 1 or 0 }
`;

/** `land`: shares a reading. A server that is full refuses it whole. */
export const LAND_SCRIPT = createScript(null, `local isFull = false\n${BODY}`);

/** `land` for a server that is full. */
export const LAND_FULL_SCRIPT = createScript('allow-oom', `local isFull = true\n${BODY}`);
