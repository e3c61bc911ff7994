import { describe, expect, test } from 'vitest';
import { ApiKey } from '../../src/auth/api-key.ts';
import { KeyAccounts } from '../../src/store/admission/key-accounts.ts';
import { Strangers } from '../../src/store/admission/strangers.ts';
import { UpstreamError, type UpstreamErrorKind } from '../../src/upstream/upstream-error.ts';
import { WINDOW_MS } from '../support/account-builder.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const HOME = '192.0.2.1';
const AWAY = '192.0.2.2';

/** Strangers with a share of four, and what is known of their keys. */
function openStrangers(refusedKeys = 4) {
  const clock = createFakeClock();
  const strangers = new Strangers({ refusedKeys, windowMs: WINDOW_MS, random: () => 1 }, clock);
  const accounts = new KeyAccounts({ limits: { requests: 1000, windowMs: WINDOW_MS }, random: () => 1 });
  const from = (client: string, key: string) => ({ account: accounts.of(new ApiKey(key)), client });

  /** A request that fails so, after so long. */
  function fail(client: string, key: string, error: unknown, tookMs = 0): void {
    const request = from(client, key);
    const sentAtMs = clock.now();
    const done = strangers.begin(request);
    clock.advance(tookMs);
    if (error instanceof UpstreamError) request.account.failed('x', error, sentAtMs, clock.now());
    strangers.failed(request, error, sentAtMs, clock.now());
    done();
  }
  function accept(client: string, key: string): void {
    const request = from(client, key);
    const done = strangers.begin(request);
    request.account.accepted('x', clock.now(), clock.now());
    strangers.accepted(request.account);
    done();
  }
  const waitMs = (client: string, key: string) => strangers.waitMs(from(client, key), clock.now());
  const mustWait = (client: string, key: string) => strangers.turnOf(from(client, key), clock.now()) !== null;
  const begin = (client: string, key: string) => strangers.begin(from(client, key));
  return { clock, strangers, from, fail, accept, waitMs, mustWait, begin };
}

const failure = (kind: UpstreamErrorKind, retryAfterMs?: number) =>
  new UpstreamError(kind, kind, { retryAfterMs });
const REFUSED = failure('unauthenticated');
const LEFT = new Error('The client left.');

describe('the share of an address', () => {
  test('is used up by refusals until the first of them is a window old', () => {
    const { clock, fail, waitMs } = openStrangers();
    for (const key of ['a', 'b', 'c', 'd']) {
      expect(waitMs(HOME, 'new')).toBe(0);
      fail(HOME, key, REFUSED);
      clock.advance(1000);
    }
    expect([waitMs(HOME, 'new'), waitMs(AWAY, 'new')]).toEqual([WINDOW_MS - 4000, 0]);
    clock.advance(WINDOW_MS - 4000);
    expect(waitMs(HOME, 'new')).toBe(0);
  });

  test('is used up by a key that was good once, too, and never stops such a key', () => {
    const { accept, fail, waitMs } = openStrangers();
    accept(HOME, 'once good');
    for (let time = 0; time < 4; time += 1) fail(HOME, 'once good', REFUSED);
    expect([waitMs(HOME, 'once good'), waitMs(HOME, 'new')]).toEqual([0, WINDOW_MS]);
  });

  test.each(['forbidden', 'not-found', 'unavailable', 'timeout', 'invalid-response'] as const)(
    'is not used up by what is %s',
    (kind) => {
      const { fail, waitMs } = openStrangers();
      for (const key of ['a', 'b', 'c', 'd']) fail(HOME, key, failure(kind));
      expect(waitMs(HOME, 'new')).toBe(0);
    },
  );

  test('is used up by those who leave before the answer, until it turns out that their key is good', () => {
    const { fail, accept, waitMs } = openStrangers();
    for (let time = 0; time < 4; time += 1) fail(HOME, 'hasty', LEFT);
    const before = waitMs(HOME, 'new');
    accept(AWAY, 'hasty');
    expect([before, waitMs(HOME, 'new')]).toEqual([WINDOW_MS, 0]);
  });

  test('is not used up by those who leave because there is no answer, or whose key is known to be good', () => {
    const { accept, fail, waitMs } = openStrangers();
    accept(HOME, 'good');
    for (let time = 0; time < 4; time += 1) {
      fail(HOME, 'patient', LEFT, 2000);
      fail(HOME, 'good', LEFT, 1);
    }
    expect(waitMs(HOME, 'new')).toBe(0);
  });
});

describe('requests in flight', () => {
  test('that could use up the share let others of the address wait until one is done', async () => {
    const { strangers, clock, from, begin, mustWait } = openStrangers();
    const [first] = ['a', 'b', 'c', 'd'].map((key) => begin(HOME, key));
    const turn = strangers.turnOf(from(HOME, 'new'), clock.now());
    expect([turn === null, mustWait(AWAY, 'new')]).toEqual([false, false]);
    first?.();
    await turn;
    expect(mustWait(HOME, 'new')).toBe(false);
  });

  test('count with what was refused', () => {
    const { fail, begin, mustWait } = openStrangers();
    for (const key of ['a', 'b', 'c']) fail(HOME, key, REFUSED);
    const before = mustWait(HOME, 'new');
    begin(HOME, 'd');
    expect([before, mustWait(HOME, 'new')]).toEqual([false, true]);
  });

  test('let nobody wait once they are slow', async () => {
    const { strangers, clock, from, begin, mustWait } = openStrangers();
    for (const key of ['a', 'b', 'c', 'd']) begin(HOME, key);
    const turn = strangers.turnOf(from(HOME, 'new'), clock.now());
    clock.advance(1999);
    expect(mustWait(HOME, 'new')).toBe(true);
    clock.advance(1);
    await turn;
    expect(mustWait(HOME, 'new')).toBe(false);
  });

  test('of one key leave a part of the share to other keys, and also wait once they are slow', () => {
    const { clock, begin, mustWait } = openStrangers();
    for (let time = 0; time < 2; time += 1) begin(HOME, 'same');
    const last = begin(HOME, 'same');
    clock.advance(2000);
    expect([mustWait(HOME, 'same'), mustWait(HOME, 'other'), mustWait(AWAY, 'same')]).toEqual([
      true,
      false,
      false,
    ]);
    last();
    expect(mustWait(HOME, 'same')).toBe(false);
  });

  test('of a key that is known to be good never wait, and let nobody wait', () => {
    const { accept, begin, mustWait } = openStrangers();
    accept(HOME, 'good');
    for (let time = 0; time < 9; time += 1) begin(HOME, 'good');
    expect([mustWait(HOME, 'good'), mustWait(HOME, 'new')]).toEqual([false, false]);
  });

  test('leave no timer once they are done', () => {
    const { clock, begin } = openStrangers();
    for (const done of ['a', 'b'].map((key) => begin(HOME, key))) done();
    expect(clock.pending).toBe(0);
  });
});

describe('a 429 to a key that was never good', () => {
  test('holds back that key from that address for as long as it says, and nobody else', () => {
    const { clock, fail, waitMs } = openStrangers();
    fail(HOME, 'new', failure('rate-limited', 7000));
    expect([waitMs(HOME, 'new'), waitMs(AWAY, 'new'), waitMs(HOME, 'other')]).toEqual([7000, 0, 0]);
    clock.advance(7000);
    expect(waitMs(HOME, 'new')).toBe(0);
  });

  test('tells each address for itself how long', () => {
    const { fail, waitMs } = openStrangers();
    fail(HOME, 'new', failure('rate-limited', 60_000));
    fail(AWAY, 'new', failure('rate-limited', 5000));
    expect([waitMs(HOME, 'new'), waitMs(AWAY, 'new')]).toEqual([60_000, 5000]);
  });

  test('takes a part of the share for as long as it says', () => {
    const { clock, fail, waitMs } = openStrangers();
    for (const key of ['a', 'b', 'c', 'd']) fail(HOME, key, failure('rate-limited', 7000));
    expect([waitMs(HOME, 'new'), waitMs(AWAY, 'new')]).toEqual([7000, 0]);
    clock.advance(7000);
    expect(waitMs(HOME, 'new')).toBe(0);
  });

  test.each([undefined, 0])(
    'that does not say how long (%s) takes a part for a minute, and not from the key itself',
    (retryAfterMs) => {
      const { fail, waitMs } = openStrangers(1);
      fail(HOME, 'new', failure('rate-limited', retryAfterMs));
      expect([waitMs(HOME, 'new'), waitMs(HOME, 'other')]).toEqual([1000, 60_000]);
    },
  );

  test('that comes again to the same key takes no further part', () => {
    const { clock, fail, waitMs } = openStrangers(2);
    fail(HOME, 'new', failure('rate-limited'));
    clock.advance(1000);
    fail(HOME, 'new', failure('rate-limited'));
    expect([waitMs(HOME, 'new'), waitMs(HOME, 'other')]).toEqual([2000, 0]);
  });

  test('to a key that is known to be good is nothing that counts here', () => {
    const { accept, fail, waitMs } = openStrangers(1);
    accept(HOME, 'good');
    fail(HOME, 'good', failure('rate-limited', 7000));
    expect([waitMs(HOME, 'good'), waitMs(HOME, 'new')]).toEqual([0, 0]);
  });
});

test('an address is forgotten once 10,000 others were seen after it', () => {
  const { fail, waitMs } = openStrangers(1);
  fail(HOME, 'a', REFUSED);
  for (let index = 0; index < 9999; index += 1) fail(`address ${index}`, 'a', REFUSED);
  expect(waitMs('address 0', 'new')).toBe(WINDOW_MS);
  fail(AWAY, 'a', REFUSED);
  expect([waitMs(HOME, 'new'), waitMs(AWAY, 'new')]).toEqual([0, WINDOW_MS]);
});
