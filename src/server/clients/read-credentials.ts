import type { Credential } from '../../auth/api-key.ts';
import type { KeyRings } from '../../auth/key-rings.ts';
import { parseCredentials } from '../../auth/parse-credentials.ts';

/** The keys of a request: null where they are malformed, or its token is unknown, which the resolvers say. */
export function readCredentials(
  headers: Pick<Headers, 'get'>,
  keyRings: KeyRings | null,
): readonly Credential[] | null {
  try {
    return parseCredentials(headers, keyRings);
  } catch {
    return null;
  }
}

/** Names a client by its keys, in any order: null where it sent none. */
export function clientOf(credentials: readonly Credential[]): string | null {
  if (credentials.length === 0) return null;
  return credentials
    .map(({ key }) => key.fingerprint)
    .sort()
    .join();
}
