import { ACCOUNT_FUNCTIONS } from './account-functions.ts';
import { CLAIM_FUNCTIONS } from './claim-functions.ts';
import { createScript } from './create-script.ts';
import { LEDGER_FUNCTIONS } from './ledger-functions.ts';

/** `renew`: keeps a claim for 3 s more, and counts a retry. */
export const RENEW_SCRIPT = createScript(
  'allow-oom',
  `${ACCOUNT_FUNCTIONS}${LEDGER_FUNCTIONS}${CLAIM_FUNCTIONS}
local accountKey, sentKey, claimsKey, markerKey = unpack(KEYS)
local partition, span, request, retry, limit, windowMs, marker = unpack(ARGV)

if isEmptied(markerKey, marker) then return { now, 'emptied' } end
local claim = claimAt(claimsKey, span)
if readAccount(accountKey).partition ~= partition or not claim or claim.request ~= request then return { now, 'lost' } end
if retry ~= '.' then
  if spentUntil(sentKey, tonumber(limit), tonumber(windowMs)) then return { now, 'spent' } end
  enterLedger(sentKey, retry, now, tonumber(windowMs))
  claim.retry = retry
end
claim.untilMs = now + claimMs
writeClaim(claimsKey, span, claim)
return { now, 'renewed' }
`,
);
