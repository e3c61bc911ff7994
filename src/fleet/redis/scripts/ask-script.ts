import { ACCOUNT_FUNCTIONS } from './account-functions.ts';
import { CLAIM_FUNCTIONS } from './claim-functions.ts';
import { createScript } from './create-script.ts';
import { LEDGER_FUNCTIONS } from './ledger-functions.ts';

/**
 * `ask`: the first reply that applies. `other` is for a replica that knows no partition yet: it has to ask again with this one, as
 * the keys of a script are named beforehand.
 */
export const ASK_SCRIPT = createScript(
  'allow-oom',
  `${ACCOUNT_FUNCTIONS}${LEDGER_FUNCTIONS}${CLAIM_FUNCTIONS}
local accountKey, sentKey, logKey, claimsKey, markerKey = unpack(KEYS)
local partition, isKnown, headId, group, from, to, since, floor, request, limit, windowMs, waitingSince, expires, marker = unpack(ARGV)
from, to, since, windowMs = tonumber(from), tonumber(to), tonumber(since), tonumber(windowMs)

if now > tonumber(expires) then return { now, 'expired' } end
if isEmptied(markerKey, marker) then return { now, 'emptied' } end
local account = readAccount(accountKey)
if account.partition and account.partition ~= partition then
  return { now, isKnown == '1' and 'moved' or 'other', account.partition }
end
if tonumber(account.refusedUntil) > now then return { now, 'refused', account.refusal, account.refusedUntil } end
if tonumber(account.heldUntil) > now then return { now, 'held', account.heldUntil } end
local missed = callOn('XRANGE', logKey, '(' .. headId, '+')
local known = toSeq(headId)
local logEnd = #missed > 0 and toSeq(missed[#missed][1]) or known
if logEnd > known or account.head > known then
  return { now, 'behind', missed, math.max(logEnd, account.head), gapOf(account, logEnd) }
end

local waitUntil, failed, failure, ended = 0, -1, nil, {}
local spans = callOn('HGETALL', claimsKey)
for index = 1, #spans, 2 do
  local claim = parseClaim(spans[index + 1])
  local claimGroup, claimFrom, claimTo = spans[index]:match('^(%S+) (%S+) (%S+)$')
  if claim.untilMs <= now then
    ended[#ended + 1] = spans[index]
  elseif claimGroup == group and tonumber(claimFrom) <= from and tonumber(claimTo) >= to and claim.asked > since then
    if not claim.failed then
      waitUntil = math.max(waitUntil, claim.untilMs)
    elseif claim.failed > failed then
      failed, failure = claim.failed, claim.failure
    end
  end
end
if waitUntil > 0 then return { now, 'wait', waitUntil } end
if failure and waitingSince ~= '.' and failed >= tonumber(waitingSince) then return { now, 'failed', failure } end

local fullUntil = spentUntil(sentKey, tonumber(limit), windowMs)
if fullUntil then return { now, 'spent', text(fullUntil) } end

for _, span in ipairs(ended) do redis.call('HDEL', claimsKey, span) end
local asked = nextSeq(account, tonumber(floor))
writeAccount(accountKey, 'partition', partition, 'last', text(asked))
enterLedger(sentKey, request, now, windowMs)
local claim = { asked = asked, untilMs = now + claimMs, request = request, retry = '.', failure = '.' }
writeClaim(claimsKey, group .. ' ' .. ARGV[5] .. ' ' .. ARGV[6], claim)
return { now, 'go', partition, asked, now }
`,
);
