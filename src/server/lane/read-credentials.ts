import type { Credential } from '../../auth/api-key.ts';
import type { KeyRings } from '../../auth/key-rings.ts';
import { parseCredentials } from '../../auth/parse-credentials.ts';
import { toClientName } from '../clients/to-client-name.ts';

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

/** What tells clients apart by their keys: null where there are none. */
export function clientOf(credentials: readonly Credential[]): string | null {
  return toClientName(credentials.map(({ key }) => key.fingerprint));
}
