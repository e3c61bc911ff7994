import { describe, expect, test } from 'vitest';
import { ApiKey } from '../../src/auth/api-key.ts';
import { KeySeal } from '../../src/fleet/key-seal.ts';

const SECRET = 'a secret of thirty-two characters';
const OTHER = 'another secret of thirty-two letters';
const VALUE = { qrn: 'qbraid:job:1', name: 'Bell pair' };

const sealOf = (key: string, ...secrets: readonly string[]) => new KeySeal(new ApiKey(key), secrets);
const alice = sealOf('alice-key', SECRET);

describe('a sealed text', () => {
  test('is opened with the same key and secret, where it was meant to stand', () => {
    expect(sealOf('alice-key', SECRET).open(alice.seal(VALUE, 'here'), 'here')).toEqual(VALUE);
  });

  test.each([
    ['another key', sealOf('bob-key', SECRET), 'here'],
    ['another secret', sealOf('alice-key', OTHER), 'here'],
    ['another place', alice, 'there'],
  ])('is not opened with %s', (_, seal, place) => {
    expect(seal.open(alice.seal(VALUE, 'here'), place)).toBeUndefined();
  });

  test('is opened with each secret of a list, of which the first one seals', () => {
    const both = sealOf('alice-key', OTHER, SECRET);
    expect(both.open(alice.seal(VALUE, 'here'), 'here')).toEqual(VALUE);
    expect(sealOf('alice-key', OTHER).open(both.seal(VALUE, 'here'), 'here')).toEqual(VALUE);
    expect(alice.open(both.seal(VALUE, 'here'), 'here')).toBeUndefined();
  });

  test('is not opened once any of its bytes is changed, or missing', () => {
    const bytes = Buffer.from(alice.seal(VALUE, 'here'), 'base64url');
    for (let index = 0; index < bytes.length; index += 1) {
      const changed = Buffer.from(bytes);
      changed[index] = (changed[index] ?? 0) ^ 1;
      expect(alice.open(changed.toString('base64url'), 'here')).toBeUndefined();
      expect(alice.open(bytes.subarray(0, index).toString('base64url'), 'here')).toBeUndefined();
    }
  });

  test('is another one each time, and shows nothing of what is in it', () => {
    const [first, second] = [alice.seal(VALUE, 'here'), alice.seal(VALUE, 'here')];
    expect(first).not.toBe(second);
    for (const legible of ['qbraid', 'Bell', 'alice']) {
      expect(Buffer.from(first, 'base64url').toString('latin1')).not.toContain(legible);
    }
  });

  test('is of the letters that a link takes', () => {
    const texts = [alice.name, alice.nameOf('job qbraid:job:1'), alice.seal(VALUE, 'here')];
    for (const text of texts) expect(text).toMatch(/^[A-Za-z0-9_-]+$/);
  });
});

describe('a name', () => {
  test('is the same for the same text and key, whatever the secret', () => {
    const other = sealOf('alice-key', OTHER);
    expect(other.name).toBe(alice.name);
    expect(other.nameOf('a:1')).toBe(alice.nameOf('a:1'));
  });

  test('is another one for another key, or another text', () => {
    const bob = sealOf('bob-key', SECRET);
    const names = [alice.name, bob.name, alice.nameOf('a:1'), alice.nameOf('a:2'), bob.nameOf('a:1')];
    expect(new Set(names).size).toBe(5);
  });

  test('is not the fingerprint that cursors and logs know', () => {
    const { fingerprint } = new ApiKey('alice-key');
    const bytes = Buffer.from(alice.name, 'base64url').toString('hex');
    expect(fingerprint).not.toContain(bytes.slice(0, 8));
  });
});
