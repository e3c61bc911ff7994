import { Refusal } from './refusal.ts';
import type { SandboxKey } from './sandbox-keys.ts';

/** The headers of a request, by name in any case. */
export type RequestHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Finds the account whose key a request carries in `X-API-KEY`. Throws a `Refusal` where there is none. */
export function authenticate<Account extends { readonly key: SandboxKey }>(
  headers: RequestHeaders,
  accounts: readonly Account[],
): Account {
  const [, sentKey] = Object.entries(headers).find(([name]) => name.toLowerCase() === 'x-api-key') ?? [];
  if (!sentKey) throw new Refusal(401, 'NO_VALID_AUTHENTICATION', 'Authentication required');
  const account = accounts.find(({ key }) => key.key === sentKey);
  if (account) return account;
  if (String(sentKey).startsWith('qbr_')) throw new Refusal(401, 'INVALID_API_KEY', 'Invalid API key');
  throw new Refusal(401, 'INVALID_API_KEY_FORMAT', 'Invalid API key format');
}
