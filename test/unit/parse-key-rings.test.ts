import { describe, expect, test } from 'vitest';
import { parseKeyRings } from '../../src/auth/parse-key-rings.ts';
import { GatewayError } from '../../src/lib/gateway-error.ts';

const HASH = 'a1'.repeat(32);
const OTHER = 'b2'.repeat(32);
const ENVIRONMENT = { ALICE_KEY: ' secret-k1 ', EMPTY: ' ', ODD: 'secret k2' };

const parse = (rings: unknown) => parseKeyRings(JSON.stringify(rings), ENVIRONMENT);

/** The faults of a file. */
function complain(text: string): readonly string[] {
  try {
    parseKeyRings(text, ENVIRONMENT);
    return [];
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    expect(error.kind).toBe('invalid-config');
    return error.message.split('\n');
  }
}

describe('a file of key rings', () => {
  test('gives names, hashes and keys, with those that stand in variables', () => {
    const rings = parse([
      { name: 'team a', tokenSha256: HASH, keys: { alice: 'env:ALICE_KEY', bob: 'k2==' } },
      { tokenSha256: OTHER.toUpperCase(), keys: { carol: 'k3' } },
    ]);
    expect(
      rings.map(({ name, tokenHash, keys }) => ({
        name,
        hash: tokenHash.toString('hex'),
        keys: keys.map(({ label, key }) => [label, key.reveal()]),
      })),
    ).toEqual([
      {
        name: 'team a',
        hash: HASH,
        keys: [
          ['alice', 'secret-k1'],
          ['bob', 'k2=='],
        ],
      },
      { name: 'ring 2', hash: OTHER, keys: [['carol', 'k3']] },
    ]);
  });

  test('may have no ring', () => {
    expect(parse([])).toEqual([]);
  });

  test.each([
    ['no JSON', '[', 'got a text that is no JSON'],
    ['nothing', '', 'got a text that is no JSON'],
    ['another form', '{}', 'got JSON of another form'],
  ])('of %s is refused', (_, text, got) => {
    expect(complain(text)).toEqual([
      'KEYRINGS_FILE has 1 fault(s):',
      `  the file: must be a JSON list of key rings, ${got}`,
    ]);
  });

  const manyKeys = Object.fromEntries(Array.from({ length: 21 }, (_, index) => [`k${index}`, `k${index}`]));

  test.each<[what: string, ring: unknown, fault: string]>([
    ['no object', 'secret', 'ring 1: must be an object with tokenSha256 and keys'],
    ['no hash', { keys: { a: 'k' } }, 'ring 1: tokenSha256 must be the 64 hexadecimal digits'],
    ['a token as hash', { tokenSha256: 'secret', keys: { a: 'k' } }, 'ring 1: tokenSha256 must be'],
    ['no keys', { tokenSha256: HASH }, 'ring 1: keys must be an object of 1 to 20 labels'],
    ['an empty list of keys', { tokenSha256: HASH, keys: {} }, 'ring 1: keys must be an object'],
    ['a list of keys', { tokenSha256: HASH, keys: ['secret'] }, 'ring 1: keys must be an object'],
    ['21 keys', { tokenSha256: HASH, keys: manyKeys }, 'ring 1: keys must be an object of 1 to 20 labels'],
    [
      'a label that is none',
      { tokenSha256: HASH, keys: { 'secret key': 'k' } },
      'ring 1, key 1: the label must be',
    ],
    [
      'a key that is none',
      { tokenSha256: HASH, keys: { a: 'k', b: 'secret key' } },
      'ring 1, key 2: the key must be',
    ],
    ['a key that is no text', { tokenSha256: HASH, keys: { a: 7 } }, 'ring 1, key 1: the key must be'],
    ['an empty key', { tokenSha256: HASH, keys: { a: '' } }, 'ring 1, key 1: the key must be'],
    [
      'a variable that is not set',
      { tokenSha256: HASH, keys: { a: 'env:secret' } },
      'ring 1, key 1: the variable that env: names is not set',
    ],
    [
      'a variable that is empty',
      { tokenSha256: HASH, keys: { a: 'env:EMPTY' } },
      'ring 1, key 1: the variable that env: names is not set',
    ],
    [
      'a variable with no key',
      { tokenSha256: HASH, keys: { a: 'env:ODD' } },
      'ring 1, key 1: the variable must be',
    ],
    [
      'a variable with the name of a method',
      { tokenSha256: HASH, keys: { a: 'env:constructor' } },
      'ring 1, key 1: the variable that env: names is not set',
    ],
    [
      'a name that is no text',
      { name: { toString: 'secret' }, tokenSha256: HASH, keys: { a: 'k' } },
      'ring 1: name must be',
    ],
    ['a name that is none', { name: 'a\nb', tokenSha256: HASH, keys: { a: 'k' } }, 'ring 1: name must be'],
    [
      'another property',
      { tokenSha256: HASH, keys: { a: 'k' }, secret: 1 },
      'ring 1: may have only name, tokenSha256, keys',
    ],
  ])('with %s in a ring is refused, by its position', (_, ring, fault) => {
    const [, ...faults] = complain(JSON.stringify([ring]));
    expect(faults).toEqual([expect.stringContaining(`  ${fault}`)]);
    expect(faults.join()).not.toContain('secret');
  });

  test('is told all of its faults at once', () => {
    const rings = [
      { tokenSha256: HASH, keys: { 'secret label': 'secret key' } },
      'secret',
      { tokenSha256: HASH, keys: { a: 'k' } },
    ];
    expect(complain(JSON.stringify(rings))).toEqual([
      'KEYRINGS_FILE has 4 fault(s):',
      '  ring 1, key 1: the label must be 1 to 32 of A-Z a-z 0-9 _ -',
      '  ring 1, key 1: the key must be 1 to 512 of A-Z a-z 0-9 - . _ ~ + /, with = only at its end',
      '  ring 2: must be an object with tokenSha256 and keys',
      '  ring 3: has the tokenSha256 of ring 1: give each ring its own token',
    ]);
  });
});
