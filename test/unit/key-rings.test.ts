import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { ApiKey } from '../../src/auth/api-key.ts';
import { KeyRings } from '../../src/auth/key-rings.ts';

/** A ring whose name is its token. */
const aRing = (token: string, keys: Readonly<Record<string, string>>) => ({
  name: token,
  tokenHash: createHash('sha256').update(token).digest(),
  keys: Object.entries(keys).map(([label, key]) => ({ label, key: new ApiKey(key) })),
});

const find = (rings: KeyRings, token: string) =>
  rings.find(token)?.map(({ label, key }) => [label, key.reveal()]) ?? null;

describe('key rings', () => {
  test.each([
    ['a-token', [['alice', 'k1']]],
    ['b-token', [['bob', 'k2']]],
    ['c-token', null],
    ['', null],
    ['A-TOKEN', null],
    [createHash('sha256').update('a-token').digest('hex'), null],
  ])('give the keys of the token %j: %j', (token, keys) => {
    const rings = new KeyRings([aRing('a-token', { alice: 'k1' }), aRing('b-token', { bob: 'k2' })]);
    expect(find(rings, token)).toEqual(keys);
  });

  test.each<[what: string, next: readonly ReturnType<typeof aRing>[], withdrawn: readonly string[]]>([
    ['that are the same', [aRing('a', { alice: 'k1', bob: 'k2' })], []],
    ['beside another', [aRing('b', {}), aRing('a', { alice: 'k1', bob: 'k2' })], []],
    ['without it', [], ['a']],
    ['with another key', [aRing('a', { alice: 'k1', bob: 'k3' })], ['a']],
    ['with another label', [aRing('a', { alice: 'k1', eve: 'k2' })], ['a']],
    ['with a key less', [aRing('a', { alice: 'k1' })], ['a']],
    ['with a key more', [aRing('a', { alice: 'k1', bob: 'k2', eve: 'k3' })], ['a']],
    ['with its keys in another order', [aRing('a', { bob: 'k2', alice: 'k1' })], ['a']],
  ])('replaced by rings %s withdraw %j', (_, next, withdrawn) => {
    const rings = new KeyRings([aRing('a', { alice: 'k1', bob: 'k2' })]);
    const before = rings.find('a') ?? [];
    expect(rings.replace(next)).toEqual(withdrawn);
    expect(before.map(({ withdrawal }) => withdrawal?.aborted)).toEqual(
      before.map(() => withdrawn.length > 0),
    );
  });

  test('do not know a token any more when its withdrawal is told', () => {
    const rings = new KeyRings([aRing('a', { alice: 'k1' })]);
    const seen: unknown[] = [];
    rings.find('a')?.[0]?.withdrawal?.addEventListener('abort', () => seen.push(rings.find('a')));
    rings.replace([]);
    expect(seen).toEqual([null]);
  });
});
