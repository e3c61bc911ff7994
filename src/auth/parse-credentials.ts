import { GatewayError, invalidInput } from '../lib/gateway-error.ts';
import { ApiKey, type Credential } from './api-key.ts';
import type { KeyRings } from './key-rings.ts';
import { isKey, isLabel, KEY_RULE, LABEL_RULE, MAX_KEYS } from './key-rules.ts';

/** How many items `X-API-KEYS` may have, with those that are sent again: to look at thousands takes a while. */
const MAX_ITEMS = 100;

const BEARER = /^bearer(?: +|$)(.*)/i;

const UNKNOWN_TOKEN =
  'Authorization must be Bearer <token> with the token of a key ring of this gateway, got another token: ask its operator for one, or send qBraid API keys as X-API-KEY or X-API-KEYS.';

/** A key, and where in the request it stands: errors name the place, never the text. */
interface PlacedCredential extends Credential {
  readonly place: string;
}

/**
 * The keys that a request sends, in their order: `X-API-KEY` (labelled `default`), then those of `X-API-KEYS`
 * (`alice=<key>, bob=<key>, <key>`), then those of the key ring whose token stands in `Authorization`. A key without a label
 * gets one from its fingerprint. A key that is sent twice counts once, under its first label. Empty items are ignored. The list
 * is empty where no key is sent.
 *
 * @param keyRings Null is none: then `Authorization` is ignored, as other schemes than `Bearer` always are.
 * @throws {GatewayError} `invalid-input` for a text that cannot be a key, a label that cannot be one or that two different
 *   keys have, a label without a key, and too many keys or items.
 * @throws {GatewayError} `unknown-token` for a token that is of no key ring.
 */
export function parseCredentials(
  headers: Pick<Headers, 'get'>,
  keyRings: Pick<KeyRings, 'find'> | null,
): readonly Credential[] {
  const sent = [
    ...parseSingleKey(headers.get('x-api-key')),
    ...parseKeyList(headers.get('x-api-keys')),
    ...(keyRings === null ? [] : findRing(headers.get('authorization'), keyRings)),
  ];
  const credentials = sent.length < 2 ? sent : withoutRepeatedKeys(sent);
  assertBounds(credentials);
  return credentials.map(({ place: _, ...credential }) => credential);
}

function parseSingleKey(header: string | null): readonly PlacedCredential[] {
  const text = header?.trim();
  if (!text) return [];
  if (!isKey(text)) {
    throw invalidInput(
      `X-API-KEY must be one key, of ${KEY_RULE}, got another text: send the key alone. X-API-KEYS takes several keys.`,
    );
  }
  return [{ label: 'default', key: new ApiKey(text), place: 'X-API-KEY' }];
}

function parseKeyList(header: string | null): readonly PlacedCredential[] {
  if (header === null) return [];
  const items = header.split(',').map((item, index) => ({ text: item.trim(), position: index + 1 }));
  const filled = items.filter(({ text }) => text !== '');
  if (filled.length > MAX_ITEMS) {
    throw invalidInput(
      `X-API-KEYS must have at most ${MAX_ITEMS} items, got ${filled.length}: send each key once, or several requests.`,
    );
  }
  return filled.map(({ text, position }) => parseItem(text, position));
}

/** Reads `label=key` or `key`. A key may end in `=`: `k==` is a key without a label, but `k=` is a label without a key. */
function parseItem(item: string, position: number): PlacedCredential {
  const place = `item ${position} of X-API-KEYS`;
  const separator = item.indexOf('=');
  const label = separator === -1 ? null : item.slice(0, separator).trim();
  const text = item.slice(separator + 1).trim();
  const hasLabel = label !== null && isLabel(label);
  if (hasLabel && isKey(text)) return { label, key: new ApiKey(text), place };
  if (hasLabel && text === '') throw malformedItem(position, 'a label but no key: send label=<key>.');
  if (isKey(item)) {
    const key = new ApiKey(item);
    return { label: `key-${key.fingerprint.slice(0, 12)}`, key, place };
  }
  throw label === null || hasLabel
    ? malformedItem(position, `a key that is not ${KEY_RULE}: send label=<key>, with commas between keys.`)
    : malformedItem(position, `a label that is not ${LABEL_RULE}: send label=<key>.`);
}

/** The text of the item stays out: whatever stands in it may be a key. */
function malformedItem(position: number, fault: string): GatewayError {
  return invalidInput(`Item ${position} of X-API-KEYS has ${fault}`);
}

/** Other schemes than `Bearer` are not for the gateway: what stands in front of it may ask for a password. */
function findRing(header: string | null, keyRings: Pick<KeyRings, 'find'>): readonly PlacedCredential[] {
  const token = BEARER.exec(header?.trim() ?? '')?.[1];
  if (token === undefined) return [];
  const keys = keyRings.find(token);
  if (keys === null) throw new GatewayError('unknown-token', UNKNOWN_TOKEN);
  return keys.map((credential) => ({ ...credential, place: 'the key ring' }));
}

function withoutRepeatedKeys(credentials: readonly PlacedCredential[]): readonly PlacedCredential[] {
  const byFingerprint = new Map<string, PlacedCredential>();
  for (const credential of credentials) {
    const { fingerprint } = credential.key;
    const { label, place } = byFingerprint.get(fingerprint) ?? credential;
    // What a key ring brings ends with it, also where the client sends the same key itself: its token is then unknown.
    byFingerprint.set(fingerprint, { ...credential, label, place });
  }
  return [...byFingerprint.values()];
}

function assertBounds(credentials: readonly PlacedCredential[]): void {
  if (credentials.length > MAX_KEYS) {
    throw invalidInput(
      `A request may send at most ${MAX_KEYS} different keys, got ${credentials.length}: send fewer, or several requests.`,
    );
  }
  const places = new Map<string, string>();
  for (const { label, place } of credentials) {
    const other = places.get(label);
    // The label itself stays out: somebody may have written a key in its place.
    if (other !== undefined) {
      throw invalidInput(
        `Different keys have the same label in ${other} and ${place}: give each key its own label. X-API-KEY has the label default.`,
      );
    }
    places.set(label, place);
  }
}
