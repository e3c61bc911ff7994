import { describe, expect, test } from 'vitest';
import { KeyAccount } from '../../src/store/admission/key-account.ts';
import { UpstreamError } from '../../src/upstream/upstream-error.ts';

const WINDOW_MS = 900_000;

/** An account at time 0, whose waits end as late as they may unless `random` says otherwise. */
function openAccount({ requests = 1000, random = 1 } = {}) {
  let spaces = 0;
  return new KeyAccount({
    fingerprint: 'f',
    limits: { requests, windowMs: WINDOW_MS },
    newSpace: () => {
      spaces += 1;
      return spaces;
    },
    random: () => random,
  });
}

const tooMany = (retryAfterMs?: number) => new UpstreamError('rate-limited', '429', { retryAfterMs });
const refused = new UpstreamError('unauthenticated', '401');

describe('a 429', () => {
  test.each([
    [0, 0],
    [1, 1],
    [7000, 7000],
    [WINDOW_MS, WINDOW_MS],
    [WINDOW_MS * 50, WINDOW_MS],
  ])('that says to wait %i ms is waited for, but no longer than a window', (retryAfterMs, waitMs) => {
    const account = openAccount();
    account.failed(tooMany(retryAfterMs), 0, 0);
    expect([account.waitMs(0, false), account.waitMs(0, true)]).toEqual([waitMs, waitMs]);
  });

  test('that does not is waited for twice as long each time, up to a minute', () => {
    const account = openAccount();
    const waits: number[] = [];
    let nowMs = 0;
    for (let time = 0; time < 8; time += 1) {
      account.failed(tooMany(), nowMs, nowMs);
      waits.push(account.waitMs(nowMs, true));
      nowMs += account.waitMs(nowMs, true);
    }
    expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
  });

  test.each([
    [0, 500],
    [0.5, 750],
    [1, 1000],
  ])('is waited for with a spread: by chance %f for %i ms', (random, waitMs) => {
    const account = openAccount({ random });
    account.failed(tooMany(), 0, 0);
    expect(account.waitMs(0, true)).toBe(waitMs);
  });

  test('of many requests that were sent together is one', () => {
    const account = openAccount();
    for (let request = 0; request < 50; request += 1) account.failed(tooMany(), 0, 10);
    expect(account.waitMs(10, true)).toBe(1000);
    account.failed(tooMany(), 1010, 1010);
    expect(account.waitMs(1010, true)).toBe(2000);
  });

  test('that comes late makes no wait of its own, unless it says how long', () => {
    const account = openAccount();
    account.failed(tooMany(), 0, 0);
    account.failed(tooMany(), 0, 5000);
    expect(account.waitMs(5000, true)).toBe(0);
    account.failed(tooMany(3000), 0, 5000);
    expect(account.waitMs(5000, true)).toBe(3000);
  });

  test('never shortens a wait', () => {
    const account = openAccount();
    account.failed(tooMany(9000), 0, 0);
    account.failed(tooMany(1000), 0, 0);
    expect(account.waitMs(0, true)).toBe(9000);
  });

  test('after a success begins anew, but not after the success of a request sent before', () => {
    const [settled, lucky] = [openAccount(), openAccount()];
    for (const account of [settled, lucky]) account.failed(tooMany(), 0, 0);
    settled.accepted(1000);
    lucky.accepted(999);
    const waits = [settled, lucky].map((account) => {
      account.failed(tooMany(), 2000, 2000);
      return account.waitMs(2000, true);
    });
    expect(waits).toEqual([1000, 2000]);
  });

  test('leaves nothing, until the wait is over', () => {
    const account = openAccount();
    account.spend(0);
    account.failed(tooMany(7000), 0, 0);
    const used = { limit: 1000, used: 1 };
    expect([account.state(6999), account.state(7000)]).toEqual([
      { ...used, remaining: 0, resetAtMs: 7000 },
      { ...used, remaining: 999, resetAtMs: WINDOW_MS },
    ]);
  });

  test('of a key that has used up its requests lasts until both are over', () => {
    const account = openAccount({ requests: 1 });
    account.spend(0);
    account.failed(tooMany(7000), 0, 0);
    expect(account.state(0)).toEqual({ limit: 1, used: 1, remaining: 0, resetAtMs: WINDOW_MS });
  });
});

describe('the refusal of the key', () => {
  test('is remembered for 10 s', () => {
    const account = openAccount();
    account.failed(refused, 0, 100);
    expect([99, 100, 10_099, 10_100].map((nowMs) => account.refusal(nowMs))).toEqual([
      refused,
      refused,
      refused,
      null,
    ]);
  });

  test('takes all that was read with the key away, each time', () => {
    const account = openAccount();
    const spaces = [account.space];
    for (const atMs of [0, 0, 50_000]) {
      account.failed(refused, atMs, atMs);
      spaces.push(account.space);
    }
    expect(new Set(spaces).size).toBe(4);
  });

  test.each(['forbidden', 'not-found', 'unavailable', 'rate-limited'] as const)('is no %s', (kind) => {
    const account = openAccount();
    const { space } = account;
    account.failed(new UpstreamError(kind, kind), 0, 0);
    expect([account.refusal(0), account.space]).toEqual([null, space]);
  });
});

describe('a key', () => {
  test.each([
    ['unauthenticated', false],
    ['forbidden', true],
    ['not-found', true],
    ['rate-limited', false],
    ['unavailable', false],
    ['timeout', false],
    ['invalid-response', false],
  ] as const)('that is answered %s is proven: %s', (kind, isProven) => {
    const account = openAccount();
    account.failed(new UpstreamError(kind, kind), 0, 0);
    expect(account.isProven).toBe(isProven);
  });

  test('that was accepted once stays proven', () => {
    const account = openAccount();
    account.accepted(0);
    account.failed(refused, 0, 0);
    expect(account.isProven).toBe(true);
  });
});
