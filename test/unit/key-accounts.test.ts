import { expect, test } from 'vitest';
import { ApiKey } from '../../src/auth/api-key.ts';
import { KeyAccounts } from '../../src/store/admission/key-accounts.ts';
import { UpstreamError } from '../../src/upstream/upstream-error.ts';

const openAccounts = () =>
  new KeyAccounts({ limits: { requests: 1000, windowMs: 900_000 }, random: Math.random });

/** Tries so many keys that nobody knows. */
function tryKeys(accounts: KeyAccounts, count: number): void {
  for (let index = 0; index < count; index += 1) accounts.of(new ApiKey(`guess-${index}`));
}

test('a key has one account, and no other key has it', () => {
  const accounts = openAccounts();
  const alice = accounts.of(new ApiKey('alice'));
  expect(accounts.of(new ApiKey('alice'))).toBe(alice);
  expect(accounts.of(new ApiKey('bob'))).not.toBe(alice);
});

test('no two accounts ever have the same partition, also where a key gets another one', () => {
  const accounts = openAccounts();
  const partitions = ['alice', 'bob', 'carol'].flatMap((key) => {
    const account = accounts.of(new ApiKey(key));
    const first = account.partition;
    account.failed('x', new UpstreamError('unauthenticated', '401'), 0, 0);
    return [first, account.partition];
  });
  expect(new Set(partitions).size).toBe(6);
});

test('whoever tries one key after another pushes out no key known to be good', () => {
  const accounts = openAccounts();
  const alice = accounts.of(new ApiKey('alice'));
  alice.accepted('x', 0, 0);
  accounts.sort(alice);

  tryKeys(accounts, 10_001);

  expect(accounts.of(new ApiKey('alice'))).toBe(alice);
});

test('only so many keys that were never good are kept', () => {
  const accounts = openAccounts();
  const stranger = accounts.of(new ApiKey('stranger'));
  accounts.sort(stranger);

  tryKeys(accounts, 10_001);

  expect(accounts.of(new ApiKey('stranger'))).not.toBe(stranger);
});
