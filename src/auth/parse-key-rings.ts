import { GatewayError } from '../lib/gateway-error.ts';
import { isPlainObject } from '../lib/is-plain-object.ts';
import { parseJson } from '../lib/parse-json.ts';
import { ApiKey, type Credential } from './api-key.ts';
import type { KeyRing } from './key-rings.ts';
import { isKey, isLabel, KEY_RULE, LABEL_RULE, MAX_KEYS } from './key-rules.ts';

const PROPERTIES: readonly string[] = ['name', 'tokenSha256', 'keys'];
const NAME = /^[\w .-]{1,64}$/;
const HASH = /^[\da-f]{64}$/i;

/** A key that stands in a variable of the environment. */
const IN_VARIABLE = 'env:';

/** A fault, and where it is. Its text never repeats what stands in the file, which may be a key in the wrong place. */
type Report = (place: string, fault: string) => void;

type Variables = Readonly<Record<string, string | undefined>>;

interface Reading {
  readonly environment: Variables;
  readonly report: Report;
}

/**
 * Reads a file of key rings: `[{ "name": "team", "tokenSha256": "<64 hex digits>", "keys": { "alice": "<key>", "bob": "env:NAME" } }]`.
 * Only `name`, which is for the log, may be left out.
 *
 * @throws {GatewayError} `invalid-config` that tells all faults by their positions. It holds nothing of the file.
 */
export function parseKeyRings(text: string, environment: Variables): readonly KeyRing[] {
  const faults: string[] = [];
  const report: Report = (place, fault) => void faults.push(`  ${place}: ${fault}`);
  const reading = { environment, report };
  const list = parseJson(text);
  const rings = Array.isArray(list)
    ? list.map((item, index) => parseRing(item, `ring ${index + 1}`, reading))
    : [];
  if (!Array.isArray(list)) {
    const got = list === undefined ? 'a text that is no JSON' : 'JSON of another form';
    report('the file', `must be a JSON list of key rings, got ${got}`);
  }
  reportSameTokens(rings, report);
  if (faults.length === 0) return rings.filter((ring) => ring !== null);
  throw new GatewayError(
    'invalid-config',
    `KEYRINGS_FILE has ${faults.length} fault(s):\n${faults.join('\n')}`,
  );
}

function parseRing(item: unknown, place: string, reading: Reading): KeyRing | null {
  const { report } = reading;
  if (!isPlainObject(item)) {
    report(place, 'must be an object with tokenSha256 and keys');
    return null;
  }
  const { name = place, tokenSha256, keys } = item;
  if (Object.keys(item).some((property) => !PROPERTIES.includes(property))) {
    report(place, `may have only ${PROPERTIES.join(', ')}`);
  }
  if (typeof name !== 'string' || !NAME.test(name)) {
    report(place, 'name must be 1 to 64 of A-Z a-z 0-9 _ - . and space');
  }
  const isHash = typeof tokenSha256 === 'string' && HASH.test(tokenSha256);
  if (!isHash) report(place, 'tokenSha256 must be the 64 hexadecimal digits of the SHA-256 hash of a token');
  const parsed = parseKeys(keys, place, reading);
  return {
    name: typeof name === 'string' ? name : place,
    tokenHash: Buffer.from(isHash ? tokenSha256 : '', 'hex'),
    keys: parsed,
  };
}

function parseKeys(keys: unknown, place: string, reading: Reading): readonly Credential[] {
  const { report } = reading;
  const entries = isPlainObject(keys) ? Object.entries(keys) : [];
  if (entries.length < 1 || entries.length > MAX_KEYS) {
    report(place, `keys must be an object of 1 to ${MAX_KEYS} labels, each with a key`);
  }
  return entries.map(([label, value], index) => {
    const keyPlace = `${place}, key ${index + 1}`;
    if (!isLabel(label)) report(keyPlace, `the label must be ${LABEL_RULE}`);
    return { label, key: new ApiKey(readKey(value, keyPlace, reading)) };
  });
}

/** The text of a key; an empty one where it has a fault. */
function readKey(value: unknown, place: string, { environment, report }: Reading): string {
  const isInVariable = typeof value === 'string' && value.startsWith(IN_VARIABLE);
  const text = isInVariable ? readVariable(environment, value.slice(IN_VARIABLE.length)) : value;
  if (isInVariable && !text) report(place, `the variable that ${IN_VARIABLE} names is not set`);
  else if (typeof text !== 'string' || !isKey(text)) {
    report(place, `${isInVariable ? 'the variable' : 'the key'} must be ${KEY_RULE}`);
  }
  return typeof text === 'string' ? text : '';
}

/** A variable may have the name of something that every object has. */
function readVariable(environment: Variables, name: string): string | undefined {
  return Object.hasOwn(environment, name) ? environment[name]?.trim() : undefined;
}

function reportSameTokens(rings: readonly (KeyRing | null)[], report: Report): void {
  const places = new Map<string, number>();
  for (const [index, ring] of rings.entries()) {
    const hash = ring?.tokenHash.toString('hex') ?? '';
    const other = places.get(hash);
    if (hash === '') continue;
    if (other === undefined) places.set(hash, index + 1);
    else report(`ring ${index + 1}`, `has the tokenSha256 of ring ${other}: give each ring its own token`);
  }
}
