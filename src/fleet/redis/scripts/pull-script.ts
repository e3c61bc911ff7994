import { ACCOUNT_FUNCTIONS } from './account-functions.ts';
import { createScript } from './create-script.ts';

/** `pull`: all that is known of a key. Where its partition is another one, the readings have to be pulled with that one. */
export const PULL_SCRIPT = createScript(
  'allow-oom',
  `${ACCOUNT_FUNCTIONS}
local accountKey, sentKey, logKey = unpack(KEYS)
local partition, headId = unpack(ARGV)

local account = readAccount(accountKey)
local isSame = account.partition == partition
local last = isSame and callOn('XREVRANGE', logKey, '+', '-', 'COUNT', 1)[1]
local logEnd = last and toSeq(last[1]) or 0
return {
  now,
  account.partition or '.',
  math.max(logEnd, account.head),
  gapOf(account, logEnd),
  isSame and redis.call('XRANGE', logKey, '(' .. headId, '+') or {},
  tonumber(account.refusedUntil) > now and account.refusedUntil or '.',
  account.refusal,
  tonumber(account.heldUntil) > now and account.heldUntil or '.',
  account.isProven,
  callOn('ZRANGE', sentKey, 0, -1, 'WITHSCORES'),
}
`,
);
