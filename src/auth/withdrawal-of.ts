import type { Abandonment } from '../lib/abandonment.ts';
import type { Credential } from './api-key.ts';

/** What tells that the key ring of a request was withdrawn: null for a request that uses none. It uses one at most. */
export function withdrawalOf(credentials: readonly Credential[]): Abandonment | null {
  for (const { withdrawal } of credentials) if (withdrawal !== undefined) return withdrawal;
  return null;
}
