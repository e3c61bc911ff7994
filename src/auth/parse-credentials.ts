import { ApiKey } from './api-key.ts';
import type { Credential } from './credential.ts';
import { InvalidCredentialsError } from './invalid-credentials-error.ts';

/** How many different keys a request may send. */
export const MAX_KEYS = 20;

const LABEL = /^[A-Za-z0-9_-]{1,32}$/;

/**
 * The keys that a request sends, in their order: `X-API-KEY` (labelled `default`), then those of `X-API-KEYS`
 * (`alice=<key>, bob=<key>, <key>`). A key without a label is called after its fingerprint; a key sent twice counts
 * once, under its first label; empty items are passed over. Empty where no key is sent.
 *
 * @throws {InvalidCredentialsError} for a malformed or repeated label, an item without a key, or too many keys.
 */
export function parseCredentials(headers: Pick<Headers, 'get'>): readonly Credential[] {
  const credentials = [
    ...parseSingleKey(headers.get('x-api-key')),
    ...parseKeyList(headers.get('x-api-keys')),
  ];
  return assertBounds(withoutRepeatedKeys(credentials));
}

function parseSingleKey(header: string | null): readonly Credential[] {
  const value = header?.trim();
  return value ? [{ label: 'default', key: new ApiKey(value) }] : [];
}

function parseKeyList(header: string | null): readonly Credential[] {
  return (header ?? '').split(',').flatMap((text, index) => {
    const item = text.trim();
    return item === '' ? [] : [parseItem(item, index + 1)];
  });
}

function parseItem(item: string, position: number): Credential {
  const separator = item.indexOf('=');
  const value = item.slice(separator + 1).trim();
  const key = new ApiKey(value);
  if (separator === -1) return { label: `key-${key.fingerprint.slice(0, 12)}`, key };

  const label = item.slice(0, separator).trim();
  // The text of the item stays out of both messages: whatever stands in it may be a key.
  if (!LABEL.test(label)) {
    throw new InvalidCredentialsError(
      `Item ${position} of X-API-KEYS has a label that is not 1 to 32 of A-Z a-z 0-9 _ -: send label=key.`,
    );
  }
  if (value === '') {
    throw new InvalidCredentialsError(
      `Item ${position} of X-API-KEYS has a label but no key: send label=key.`,
    );
  }
  return { label, key };
}

function withoutRepeatedKeys(credentials: readonly Credential[]): readonly Credential[] {
  const byFingerprint = new Map<string, Credential>();
  for (const credential of credentials) {
    const { fingerprint } = credential.key;
    if (!byFingerprint.has(fingerprint)) byFingerprint.set(fingerprint, credential);
  }
  return [...byFingerprint.values()];
}

function assertBounds(credentials: readonly Credential[]): readonly Credential[] {
  if (credentials.length > MAX_KEYS) {
    throw new InvalidCredentialsError(
      `A request may send at most ${MAX_KEYS} different keys, got ${credentials.length}: send fewer, or several requests.`,
    );
  }
  const labels = new Set<string>();
  for (const { label } of credentials) {
    if (labels.has(label)) {
      throw new InvalidCredentialsError(
        `Two different keys have the label ${JSON.stringify(label)}: give each key of a request its own label.`,
      );
    }
    labels.add(label);
  }
  return credentials;
}
