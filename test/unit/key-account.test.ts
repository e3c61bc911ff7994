import { describe, expect, test } from 'vitest';
import { UpstreamError, type UpstreamErrorKind } from '../../src/upstream/upstream-error.ts';
import { anAccount, WINDOW_MS } from '../support/account-builder.ts';

const tooMany = (retryAfterMs?: number) => new UpstreamError('rate-limited', '429', { retryAfterMs });
const refused = new UpstreamError('unauthenticated', '401');
const failure = (kind: UpstreamErrorKind) => new UpstreamError(kind, kind);

describe('a 429', () => {
  test.each([
    [1000, 1000],
    [7000, 7000],
    [WINDOW_MS, WINDOW_MS],
    [WINDOW_MS * 50, WINDOW_MS],
  ])('that says to wait %i ms is waited for, but no longer than a window', (retryAfterMs, waitMs) => {
    const account = anAccount();
    account.failed('x', tooMany(retryAfterMs), 0, 0);
    expect([account.budgetWaitMs(0, false), account.budgetWaitMs(0, true), account.waitMs(0)]).toEqual([
      waitMs,
      waitMs,
      waitMs,
    ]);
  });

  test.each([0, 1, 999])('that says to wait %i ms says nothing of use', (retryAfterMs) => {
    const account = anAccount();
    account.failed('x', tooMany(retryAfterMs), 0, 0);
    expect(account.budgetWaitMs(0, true)).toBe(1000);
  });

  test('that does not say is waited for twice as long each time, up to a minute', () => {
    const account = anAccount();
    const waits: number[] = [];
    let nowMs = 0;
    for (let time = 0; time < 8; time += 1) {
      account.failed('x', tooMany(), nowMs, nowMs);
      waits.push(account.budgetWaitMs(nowMs, true));
      nowMs += account.budgetWaitMs(nowMs, true);
    }
    expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
  });

  test.each([
    [0, 500],
    [0.5, 750],
    [1, 1000],
  ])('is waited for with a spread: by chance %f for %i ms', (random, waitMs) => {
    const account = anAccount({ random });
    account.failed('x', tooMany(), 0, 0);
    expect(account.budgetWaitMs(0, true)).toBe(waitMs);
  });

  test('of many requests that were sent together is one', () => {
    const account = anAccount();
    for (let request = 0; request < 50; request += 1) account.failed(`${request}`, tooMany(), 0, 10);
    expect(account.budgetWaitMs(10, true)).toBe(1000);
    account.failed('x', tooMany(), 1010, 1010);
    expect(account.budgetWaitMs(1010, true)).toBe(2000);
  });

  test('that comes late makes no wait of its own, unless it says how long', () => {
    const account = anAccount();
    account.failed('x', tooMany(), 0, 0);
    account.failed('x', tooMany(), 0, 5000);
    expect(account.budgetWaitMs(5000, true)).toBe(0);
    account.failed('x', tooMany(3000), 0, 5000);
    expect(account.budgetWaitMs(5000, true)).toBe(3000);
  });

  test('never shortens a wait', () => {
    const account = anAccount();
    account.failed('x', tooMany(9000), 0, 0);
    account.failed('x', tooMany(1000), 0, 0);
    expect(account.budgetWaitMs(0, true)).toBe(9000);
  });

  test('after a success begins anew, but not after the success of a request sent before', () => {
    const [settled, lucky] = [anAccount(), anAccount()];
    for (const account of [settled, lucky]) {
      account.accepted('x', 0, 0);
      account.failed('x', tooMany(), 0, 0);
    }
    settled.accepted('x', 1000, 1500);
    lucky.accepted('x', 999, 1500);
    const waits = [settled, lucky].map((account) => {
      account.failed('x', tooMany(), 2000, 2000);
      return account.budgetWaitMs(2000, true);
    });
    expect(waits).toEqual([1000, 2000]);
  });

  test('leaves nothing, until the wait is over', () => {
    const account = anAccount();
    account.spend(0);
    account.failed('x', tooMany(7000), 0, 0);
    const used = { limit: 1000, used: 1 };
    expect([account.state(6999), account.state(7000)]).toEqual([
      { ...used, remaining: 0, resetAtMs: 7000 },
      { ...used, remaining: 999, resetAtMs: WINDOW_MS },
    ]);
  });

  test('of a key that has used up its requests lasts until both are over', () => {
    const account = anAccount({ requests: 1 });
    account.spend(0);
    account.failed('x', tooMany(7000), 0, 0);
    expect(account.state(0)).toEqual({ limit: 1, used: 1, remaining: 0, resetAtMs: WINDOW_MS });
  });

  test('is the failure of no subject', () => {
    const account = anAccount();
    account.failed('x', tooMany(7000), 0, 0);
    expect(account.failure('x', 0)).toBeNull();
  });
});

describe('the refusal of the key', () => {
  test('is cached for 10 s, for every subject', () => {
    const account = anAccount();
    account.failed('x', refused, 0, 100);
    expect(
      [100, 10_099, 10_100].map((nowMs) => [account.failure('x', nowMs), account.failure('y', nowMs)]),
    ).toEqual([
      [refused, refused],
      [refused, refused],
      [null, null],
    ]);
  });

  test('is cached for twice as long each time, up to 5 min, until the key is accepted', () => {
    const account = anAccount();
    const waitsMs: number[] = [];
    let nowMs = 0;
    const refuse = () => {
      account.failed('x', refused, nowMs, nowMs);
      waitsMs.push(account.refusalWaitMs(nowMs));
      nowMs += account.refusalWaitMs(nowMs);
    };
    for (const _ of Array(7)) refuse();
    account.accepted('x', nowMs, nowMs);
    refuse();
    expect(waitsMs).toEqual([10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000, 10_000]);
  });

  test('is one where requests that were sent together are refused', () => {
    const account = anAccount();
    for (const nowMs of [0, 1, 2]) account.failed('x', refused, 0, nowMs);
    expect(account.refusalWaitMs(2)).toBe(9998);
    account.failed('x', refused, 10_000, 10_000);
    expect(account.refusalWaitMs(10_000)).toBe(20_000);
  });

  test('is one, too, where one that was sent with the others is refused after its time', () => {
    const account = anAccount();
    account.failed('x', refused, 0, 1000);
    account.failed('x', refused, 0, 12_000);
    expect(account.refusalWaitMs(12_000)).toBe(10_000);
  });

  test('is one whatever fractions of a millisecond its times have', () => {
    for (const startMs of [0.1, 1234.567_89, 8999.999]) {
      const account = anAccount();
      for (const afterMs of [0, 0.3, 7.77, 99.9]) account.failed('x', refused, startMs, startMs + afterMs);
      account.failed('x', refused, startMs + 20_000, startMs + 20_000);
      expect(account.refusalWaitMs(startMs + 20_000)).toBeCloseTo(20_000, 3);
    }
  });

  test('goes on where a request that was sent before it is answered later', () => {
    const account = anAccount();
    account.failed('x', refused, 0, 0);
    account.accepted('x', 0, 100);
    account.failed('x', refused, 10_000, 10_000);
    expect(account.refusalWaitMs(10_000)).toBe(20_000);
  });

  test('takes all that was read with the key away, each time', () => {
    const account = anAccount();
    const partitions = [account.partition];
    for (const atMs of [0, 0, 50_000]) {
      account.failed('x', refused, atMs, atMs);
      partitions.push(account.partition);
    }
    expect(new Set(partitions).size).toBe(4);
  });

  test.each(['forbidden', 'not-found', 'unavailable', 'rate-limited'] as const)('is no %s', (kind) => {
    const account = anAccount();
    const { partition } = account;
    account.failed('x', failure(kind), 0, 0);
    expect([account.failure('y', 0), account.partition]).toEqual([null, partition]);
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
    const account = anAccount();
    account.failed('x', failure(kind), 0, 0);
    expect(account.isProven).toBe(isProven);
  });

  test('that was accepted once stays proven', () => {
    const account = anAccount();
    account.accepted('x', 0, 0);
    account.failed('x', refused, 0, 0);
    expect(account.isProven).toBe(true);
  });
});

describe('an outage', () => {
  /** An account for which upstream failed for three subjects at time 0. */
  function failing() {
    const account = anAccount();
    for (const subject of ['x', 'y', 'z']) account.failed(subject, failure('unavailable'), 0, 0);
    return account;
  }

  test('makes the whole key wait, and leaves its budget as it is', () => {
    const account = failing();
    expect([account.waitMs(0), account.budgetWaitMs(0, true), account.failure('other', 0)?.kind]).toEqual([
      1000,
      0,
      'unavailable',
    ]);
    expect(account.state(0).remaining).toBe(1000);
  });

  test('has one probe at a time, which ends once it is told to be done', async () => {
    const account = failing();
    const none = account.probe;
    const done = account.spend(1000);
    const { probe } = account;
    done(1000);
    await expect(probe).resolves.toBeUndefined();
    expect([none, probe === null, account.probe]).toEqual([null, false, null]);
  });

  test('that is over needs no probe', () => {
    const account = failing();
    account.accepted('x', 1000, 1100);
    account.spend(1100);
    expect([account.waitMs(1100), account.probe]).toEqual([0, null]);
  });
});
