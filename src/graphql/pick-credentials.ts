import type { Credential } from '../auth/api-key.ts';
import { invalidInput } from '../lib/gateway-error.ts';

/**
 * Picks the keys with these labels, or all keys if no label is given.
 *
 * @param argument What the client calls the labels.
 * @throws {GatewayError} `invalid-input` for a label that no key has, and for an empty list.
 */
export function pickCredentials(
  credentials: readonly Credential[],
  labels: readonly string[] | null | undefined,
  argument: string,
): readonly Credential[] {
  if (labels == null) return credentials;
  const known = credentials.map(({ label }) => label);
  const unknown = labels.findIndex((label) => !known.includes(label));
  if (labels.length === 0 || unknown !== -1) {
    // The text stays out: somebody may have written a key in the place of its label.
    const got = labels.length === 0 ? 'none' : `another text as item ${unknown + 1}`;
    throw invalidInput(
      `\`${argument}\` must hold labels of the request's keys (${known.join(', ')}), got ${got}: leave it out for all keys.`,
    );
  }
  return credentials.filter(({ label }) => labels.includes(label));
}
