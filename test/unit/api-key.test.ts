import { format, inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { ApiKey } from '../../src/auth/api-key.ts';

describe('an API key', () => {
  const key = new ApiKey('qbr_secret');

  test.each<[how: string, print: () => string]>([
    ['a text', () => String(key)],
    ['a template', () => `${key}`],
    ['a concatenation', () => `${key}`.concat('')],
    ['JSON', () => JSON.stringify(key)],
    ['JSON around it', () => JSON.stringify({ credential: { key } })],
    ['the console', () => inspect(key)],
    ['the console, in depth', () => inspect({ key }, { depth: 9, showHidden: true })],
    ['a log format', () => format('%s %o %O %j', key, key, key, key)],
    ['its properties', () => JSON.stringify({ ...key, names: Object.getOwnPropertyNames(key) })],
    ['an error', () => String(new Error('x', { cause: key }).cause)],
  ])('does not come out as %s', (_, print) => {
    expect(print()).not.toContain('secret');
  });

  test('is redacted where it is printed', () => {
    expect([`${key}`, JSON.stringify({ key }), inspect([key])]).toEqual([
      '[redacted]',
      '{"key":"[redacted]"}',
      '[ [redacted] ]',
    ]);
  });

  test('is revealed to those who ask for it', () => {
    expect(key.reveal()).toBe('qbr_secret');
  });

  test('has the fingerprint of every key that is the same, and of no other', () => {
    const fingerprints = ['qbr_secret', 'qbr_secret', 'qbr_Secret'].map(
      (value) => new ApiKey(value).fingerprint,
    );
    expect(fingerprints[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(new Set(fingerprints)).toEqual(new Set([fingerprints[0], fingerprints[2]]));
    expect(fingerprints[1]).toBe(fingerprints[0]);
  });

  test('signs a text as every key that is the same, and as no other', () => {
    const [code, same, otherKey] = ['qbr_secret', 'qbr_secret', 'qbr_Secret'].map((value) =>
      new ApiKey(value).sign('cursor', 'text').toString('hex'),
    );
    expect(same).toBe(code);
    expect(new Set([code, otherKey, key.sign('cursor', 'texts').toString('hex'), key.fingerprint]).size).toBe(
      4,
    );
  });

  test('signs alike in every process', () => {
    // Cursors that were given out hold such a code.
    expect(key.sign('cursor', 'text').toString('hex')).toBe(
      '67c36a93ae116c9c24983a0d967b211fb2f6e3ea976ee1641267703028344fa7',
    );
  });

  test('has the same fingerprint in every process', () => {
    // Cursors that were given out know keys by it.
    expect(key.fingerprint).toBe('988a239582a709df31e4345ae0db7a03f569f35414dcb643a88a38af8801d370');
  });
});
