import { ACCOUNT_FUNCTIONS } from './account-functions.ts';
import { createScript } from './create-script.ts';
import { LEDGER_FUNCTIONS } from './ledger-functions.ts';

/**
 * `heal`: adds what a replica knows. Requests follow the other arguments, each with its time. A gap is told like a reading that the
 * log lacks.
 */
export const HEAL_SCRIPT = createScript(
  'allow-oom',
  `${ACCOUNT_FUNCTIONS}${LEDGER_FUNCTIONS}
local accountKey, sentKey = unpack(KEYS)
local replica, channel, partition, windowMs, held, head, kept = unpack(ARGV, 1, 7)
windowMs = tonumber(windowMs)

local account = readAccount(accountKey)
local isOfNow = partition == '.' or not account.partition or account.partition == partition
if partition ~= '.' then writeAccount(accountKey, 'partition', account.partition or partition) end
if isOfNow and (kept ~= '.' or account.head < tonumber(head)) then
  local previous = account.head
  local gap = math.max(nextSeq(account, math.max(tonumber(head), tonumber(kept) or 0)), previous + 1)
  writeAccount(accountKey, 'last', text(gap), 'head', text(gap), 'gap', text(gap))
  local words = { replica, 'landed', account.partition or partition, text(previous), text(gap), '0', '-', '-', '0', '.' }
  redis.call('PUBLISH', channel, table.concat(words, ' '))
end
if held ~= '.' and tonumber(held) > tonumber(account.heldUntil) then writeAccount(accountKey, 'held', held) end
trimLedger(sentKey, windowMs)
for index = 8, #ARGV, 2 do
  local atMs = math.min(math.floor(tonumber(ARGV[index + 1])), now)
  if atMs > now - windowMs then enterLedger(sentKey, ARGV[index], atMs, windowMs) end
end
return { now }
`,
);
