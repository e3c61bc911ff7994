import { ACCOUNT_FUNCTIONS } from './account-functions.ts';
import { CLAIM_FUNCTIONS } from './claim-functions.ts';
import { createScript } from './create-script.ts';

/** `fail`: leaves the error for 3 s, holds the key, or moves it to another partition. A refusal of an older partition moves nothing. */
export const FAIL_SCRIPT = createScript(
  'allow-oom',
  `${ACCOUNT_FUNCTIONS}${CLAIM_FUNCTIONS}
local accountKey, logKey, subjectsKey, claimsKey = unpack(KEYS)
local replica, channel, partition, span, subject, request, atMs, failure, meaning, untilMs, newPartition = unpack(ARGV)

local account = readAccount(accountKey)
local isOfNow = not account.partition or account.partition == partition
local function ring(...)
  redis.call('PUBLISH', channel, table.concat({ replica, ... }, ' '))
end

if meaning == 'refused' then
  if not isOfNow then return { now } end
  local refusal = failure == '.' and '' or failure
  writeAccount(accountKey, 'partition', newPartition, 'refused', untilMs, 'refusal', refusal, 'head', '0', 'gap', '0')
  redis.call('DEL', logKey, subjectsKey, claimsKey)
  ring('refused', newPartition, untilMs, request, atMs, failure)
  return { now }
end

local claim = isOfNow and dropClaim(claimsKey, span, request)
if claim and failure ~= '.' then
  claim.untilMs, claim.failed, claim.failure = now + claimMs, now, failure
  writeClaim(claimsKey, span, claim)
end
if meaning == 'held' then
  if tonumber(account.heldUntil) > tonumber(untilMs) then untilMs = account.heldUntil end
  writeAccount(accountKey, 'partition', account.partition or partition, 'held', untilMs)
  ring('held', untilMs, request, atMs)
else
  ring('failed', partition, span, subject, request, atMs, failure)
end
return { now }
`,
);
