import { Refusal } from './refusal.ts';
import type { SandboxKey } from './sandbox-keys.ts';

/** Finds the account that a key belongs to. Throws a `Refusal` where there is none. */
export function authenticate<Account extends { readonly key: SandboxKey }>(
  sentKey: string,
  accounts: readonly Account[],
): Account {
  if (!sentKey) throw new Refusal(401, 'NO_VALID_AUTHENTICATION', 'Authentication required');
  const account = accounts.find(({ key }) => key.key === sentKey);
  if (account) return account;
  if (sentKey.startsWith('qbr_')) throw new Refusal(401, 'INVALID_API_KEY', 'Invalid API key');
  throw new Refusal(401, 'INVALID_API_KEY_FORMAT', 'Invalid API key format');
}
