import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ApiKey } from '../../src/auth/api-key.ts';
import { MAX_KEYS } from '../../src/auth/key-rules.ts';
import { parseCredentials } from '../../src/auth/parse-credentials.ts';
import { GatewayError } from '../../src/lib/gateway-error.ts';

/** Labels and keys of a request with these headers. */
function parse(headers: Record<string, string>): [label: string, key: string][] {
  return parseCredentials(new Headers(headers), null).map(({ label, key }) => [label, key.reveal()]);
}

/** Why a request with these headers is refused; null where it is not. */
function complain(headers: Record<string, string>): string | null {
  try {
    parseCredentials(new Headers(headers), null);
    return null;
  } catch (error) {
    if (error instanceof GatewayError) return error.message;
    throw error;
  }
}

const fingerprintLabel = (key: string) => `key-${new ApiKey(key).fingerprint.slice(0, 12)}`;

describe('the keys of a request', () => {
  test.each<[what: string, headers: Record<string, string>, expected: [label: string, key: string][]]>([
    ['nothing', {}, []],
    ['empty headers', { 'x-api-key': '', 'x-api-keys': '' }, []],
    ['blank headers', { 'x-api-key': '  ', 'x-api-keys': ' , ,' }, []],
    ['one key', { 'x-api-key': 'k' }, [['default', 'k']]],
    ['one key with spaces around it', { 'x-api-key': '  k ' }, [['default', 'k']]],
    ['one key that ends in equals signs', { 'x-api-key': 'k==' }, [['default', 'k==']]],
    ['one key of every legal character', { 'x-api-key': 'Az09-._~+/' }, [['default', 'Az09-._~+/']]],
    ['one key of 512 characters', { 'x-api-key': 'k'.repeat(512) }, [['default', 'k'.repeat(512)]]],
    [
      'labelled keys',
      { 'x-api-keys': 'a=1,b=2' },
      [
        ['a', '1'],
        ['b', '2'],
      ],
    ],
    [
      'spaces everywhere',
      { 'x-api-keys': ' a = 1 , b = 2 ' },
      [
        ['a', '1'],
        ['b', '2'],
      ],
    ],
    [
      'empty items',
      { 'x-api-keys': ',a=1,,b=2,' },
      [
        ['a', '1'],
        ['b', '2'],
      ],
    ],
    ['a key that ends in equals signs', { 'x-api-keys': 'a=1==' }, [['a', '1==']]],
    ['a key without a label', { 'x-api-keys': 'k' }, [[fingerprintLabel('k'), 'k']]],
    [
      'keys without a label that end in equals signs',
      { 'x-api-keys': 'k==, a.b=' },
      [
        [fingerprintLabel('k=='), 'k=='],
        [fingerprintLabel('a.b='), 'a.b='],
      ],
    ],
    ['a label of every legal character', { 'x-api-keys': 'Az09_-=k' }, [['Az09_-', 'k']]],
    [
      'both headers',
      { 'x-api-key': 'k', 'x-api-keys': 'a=1' },
      [
        ['default', 'k'],
        ['a', '1'],
      ],
    ],
    ['the same key in both', { 'x-api-key': 'k', 'x-api-keys': 'a=k' }, [['default', 'k']]],
    ['the same key twice', { 'x-api-keys': 'a=k, b=k' }, [['a', 'k']]],
    ['the same key with the same label', { 'x-api-keys': 'a=k, a=k' }, [['a', 'k']]],
    ['the same key with and without a label', { 'x-api-keys': 'k, b=k' }, [[fingerprintLabel('k'), 'k']]],
  ])('are read from %s', (_, headers, expected) => {
    expect(parse(headers)).toEqual(expected);
  });

  const labelRule = 'has a label that is not 1 to 32 of A-Z a-z 0-9 _ -: send label=<key>.';
  const keyRule =
    'has a key that is not 1 to 512 of A-Z a-z 0-9 - . _ ~ + /, with = only at its end: send label=<key>, with commas between keys.';
  const sameLabel = (one: string, other: string) =>
    `Different keys have the same label in ${one} and ${other}: give each key its own label. X-API-KEY has the label default.`;

  test.each<[headers: Record<string, string>, message: string]>([
    [{ 'x-api-keys': 'a=1, b c=2' }, `Item 2 of X-API-KEYS ${labelRule}`],
    [{ 'x-api-keys': '=1' }, `Item 1 of X-API-KEYS ${labelRule}`],
    [{ 'x-api-keys': 'a.b=1' }, `Item 1 of X-API-KEYS ${labelRule}`],
    [{ 'x-api-keys': ',,a=' }, 'Item 3 of X-API-KEYS has a label but no key: send label=<key>.'],
    [{ 'x-api-keys': 'a=1; b=2' }, `Item 1 of X-API-KEYS ${keyRule}`],
    [{ 'x-api-keys': 'a=1, b=<k>' }, `Item 2 of X-API-KEYS ${keyRule}`],
    [{ 'x-api-keys': 'a=1, a=2' }, sameLabel('item 1 of X-API-KEYS', 'item 2 of X-API-KEYS')],
    [{ 'x-api-key': '1', 'x-api-keys': ',default=2' }, sameLabel('X-API-KEY', 'item 2 of X-API-KEYS')],
    [
      { 'x-api-keys': Array.from({ length: MAX_KEYS + 1 }, (_, index) => `l${index}=k${index}`).join() },
      'A request may send at most 20 different keys, got 21: send fewer, or several requests.',
    ],
    [
      { 'x-api-keys': 'k,'.repeat(101) },
      'X-API-KEYS must have at most 100 items, got 101: send each key once, or several requests.',
    ],
  ])('%j are refused', (headers, message) => {
    expect(complain(headers)).toBe(message);
  });

  const malformedKeys = [
    'alice=k1; bob=k2',
    'a k',
    'Bearer k',
    '"k"',
    "'k'",
    '<k>',
    '{k}',
    'k=k',
    'k==k',
    '=k',
    '==',
    'k;',
    'k:k',
    'k\tk',
    'cl\u00e9',
    'k'.repeat(513),
    `${'k'.repeat(512)}=`,
  ];

  test.each(malformedKeys)('are refused where X-API-KEY is %j', (text) => {
    expect(complain({ 'x-api-key': text })).toBe(
      'X-API-KEY must be one key, of 1 to 512 of A-Z a-z 0-9 - . _ ~ + /, with = only at its end, got another text: ' +
        'send the key alone. X-API-KEYS takes several keys.',
    );
  });

  // With a label before it, `==` is the end of a key without a label.
  const malformedBehindLabel = malformedKeys.filter((text) => text !== '==');

  test.each(malformedBehindLabel)('are refused where an item of X-API-KEYS has the key %j', (text) => {
    expect(complain({ 'x-api-keys': `a=1, b=${text}` })).toBe(`Item 2 of X-API-KEYS ${keyRule}`);
  });

  test('are refused where two lines of X-API-KEY were sent', () => {
    const headers = new Headers([
      ['x-api-key', 'k1'],
      ['x-api-key', 'k2'],
    ]);
    expect(() => parseCredentials(headers, null)).toThrow(GatewayError);
  });

  test('stand in no complaint, whatever is wrong', () => {
    // No message has so many of these characters in a row, and no label may begin with a dot.
    const key = fc
      .string({ unit: fc.constantFrom('X', 'Q', '.', '7', '='), minLength: 6, maxLength: 12 })
      .map((text) => `.${text}`);
    const label = fc.oneof(
      fc.constantFrom('alice', 'bob', 'default', '', 'a b', 'l'.repeat(33), 'XQXQXQXQ', 'Q7Q7Q7Q7'),
      key,
    );
    const item = fc.oneof(
      key,
      fc.tuple(label, key).map(([name, value]) => `${name}=${value}`),
    );
    const headers = fc.record({ 'x-api-key': key, 'x-api-keys': fc.array(item, { maxLength: 25 }) });
    fc.assert(
      fc.property(headers, (sent) => {
        const complaint = complain({ ...sent, 'x-api-keys': sent['x-api-keys'].join(', ') });
        expect(complaint ?? '').not.toMatch(/[XQ.7=]{6}/);
      }),
    );
  });

  test('are as many as are sent, under labels of their own, or refused', () => {
    const items = fc.uniqueArray(
      fc.tuple(fc.stringMatching(/^[A-Za-z0-9_-]{1,32}$/), fc.stringMatching(/^[\w.-]{1,40}$/)),
      {
        maxLength: 25,
        selector: ([label]) => label,
      },
    );
    fc.assert(
      fc.property(items, (sent) => {
        const headers = { 'x-api-keys': sent.map(([label, key]) => `${label}=${key}`).join() };
        const firstOfEachKey = sent.filter(
          ([, key], index) => sent.findIndex(([, other]) => other === key) === index,
        );
        if (firstOfEachKey.length > MAX_KEYS) expect(complain(headers)).toContain('at most 20');
        else expect(parse(headers)).toEqual(firstOfEachKey);
      }),
    );
  });
});
