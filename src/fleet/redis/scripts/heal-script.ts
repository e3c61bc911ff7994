import { ACCOUNT_FUNCTIONS } from './account-functions.ts';
import { createScript } from './create-script.ts';
import { LEDGER_FUNCTIONS } from './ledger-functions.ts';

/** `heal`: adds what a replica knows. Requests follow the other arguments, each with its time. */
export const HEAL_SCRIPT = createScript(
  'allow-oom',
  `${ACCOUNT_FUNCTIONS}${LEDGER_FUNCTIONS}
local accountKey, sentKey = unpack(KEYS)
local partition, windowMs, held = unpack(ARGV, 1, 3)
windowMs = tonumber(windowMs)

local account = readAccount(accountKey)
if partition ~= '.' then writeAccount(accountKey, 'partition', account.partition or partition) end
if held ~= '.' and tonumber(held) > tonumber(account.heldUntil) then writeAccount(accountKey, 'held', held) end
trimLedger(sentKey, windowMs)
for index = 4, #ARGV, 2 do
  local atMs = math.min(math.floor(tonumber(ARGV[index + 1])), now)
  if atMs > now - windowMs then enterLedger(sentKey, ARGV[index], atMs, windowMs) end
end
return { now }
`,
);
