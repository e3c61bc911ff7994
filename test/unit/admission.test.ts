import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { ApiKey } from '../../src/auth/api-key.ts';
import { Admission, type InFlightLimits } from '../../src/store/admission/admission.ts';
import { LogicalClock } from '../../src/store/admission/logical-clock.ts';
import { UpstreamError, type UpstreamErrorKind } from '../../src/upstream/upstream-error.ts';
import { aPendingRequest, WINDOW_MS } from '../support/account-builder.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { ADMISSION_LIMITS } from '../support/store-limits.ts';

interface Asked {
  /** What is asked for. @default another thing each time */
  readonly subject?: string;
  readonly isFirst?: boolean;
  readonly mayUseReserve?: boolean;
  readonly signal?: AbortSignal;
  /** Where it comes from. */
  readonly client?: string;
  /** What the cache has by the time that the request may go out. */
  readonly lookup?: () => string | null;
}

/** An admission, and what asks through it with a key. */
function openAdmission(requests = 1000, inFlight: InFlightLimits = ADMISSION_LIMITS.inFlight) {
  const clock = createFakeClock();
  const startMs = clock.now();
  const logicalClock = new LogicalClock(clock);
  const limits = { requests, windowMs: WINDOW_MS };
  const admission = new Admission({
    ...ADMISSION_LIMITS,
    limits,
    inFlight,
    clock,
    logicalClock,
    random: () => 1,
  });
  const accountOf = (key: string) => admission.accountOf(new ApiKey(key));
  let asked = 0;
  let sent = 0;

  async function enter(key: string, options: Asked = {}) {
    asked += 1;
    return admission.enter(aPendingRequest(accountOf(key), { subject: `subject ${asked}`, ...options }));
  }

  /** Sends a request with this answer. */
  async function send(key: string, answer: 'fine' | UpstreamError, options: Asked): Promise<string> {
    const permit = await enter(key, options);
    if ('served' in permit) return permit.served;
    sent += 1;
    if (answer !== 'fine') throw permit.failed(answer);
    await permit.landed(answer);
    return answer;
  }

  /** Tells the answer, or why there is none. */
  async function ask(key: string, answer: 'fine' | UpstreamError = 'fine', options: Asked = {}) {
    try {
      return await send(key, answer, options);
    } catch (error) {
      if (error instanceof UpstreamError) return error;
      throw error;
    }
  }

  /** Lets upstream fail for three subjects of a key, which is an outage, and waits until it may be asked again. */
  async function fail(key: string): Promise<void> {
    for (const subject of ['x', 'y', 'z']) await ask(key, failure('unavailable'), { subject });
    clock.advance(accountOf(key).waitMs(clock.now()));
  }

  const usedBy = (key: string) => accountOf(key).state(clock.now()).used;
  return { startMs, admission, clock, enter, ask, fail, usedBy, sentCount: () => sent };
}

const failure = (kind: UpstreamErrorKind, retryAfterMs?: number) =>
  new UpstreamError(kind, kind, retryAfterMs === undefined ? {} : { retryAfterMs });

const isHeldFor = (retryAfterMs: number) => ({ kind: 'rate-limited', facts: { retryAfterMs } });

describe('the budget of a key', () => {
  test('counts what was sent, whatever came of it', async () => {
    const { ask, usedBy } = openAdmission();
    for (const kind of ['forbidden', 'unavailable', 'timeout'] as const) await ask('alice', failure(kind));
    await ask('alice');
    expect(usedBy('alice')).toBe(4);
  });

  test('stops requests where it is spent, until the first of them is a window old', async () => {
    const { ask, clock, sentCount } = openAdmission(10);
    for (let request = 0; request < 9; request += 1) {
      await ask('alice');
      clock.advance(1000);
    }
    expect(await ask('alice')).toMatchObject(isHeldFor(WINDOW_MS - 9000));
    clock.advance(WINDOW_MS - 9000);
    expect([await ask('alice'), sentCount()]).toEqual(['fine', 10]);
  });

  test('keeps a tenth for those who want nothing from the cache', async () => {
    const { ask } = openAdmission(10);
    for (let request = 0; request < 9; request += 1) await ask('alice');
    const urgent = { mayUseReserve: true };
    expect(await ask('alice', 'fine', urgent)).toBe('fine');
    expect(await ask('alice', 'fine', urgent)).toMatchObject(isHeldFor(WINDOW_MS));
  });

  test('is no other key’s', async () => {
    const { ask } = openAdmission(1);
    await ask('alice');
    expect([await ask('alice'), await ask('bob')]).toMatchObject([isHeldFor(WINDOW_MS), 'fine']);
  });
});

describe('a 429', () => {
  test.each([false, true])(
    'stops all requests of the key while it lasts (may use the reserve: %s)',
    async (mayUseReserve) => {
      const { ask, clock, sentCount } = openAdmission();
      expect(await ask('alice', failure('rate-limited', 7000))).toMatchObject(isHeldFor(7000));
      clock.advance(3000);
      expect(await ask('alice', 'fine', { mayUseReserve })).toMatchObject(isHeldFor(4000));
      expect([await ask('bob'), sentCount()]).toEqual(['fine', 2]);
      clock.advance(4000);
      expect(await ask('alice', 'fine', { mayUseReserve })).toBe('fine');
    },
  );

  test('without a time to wait tells the one that is kept', async () => {
    const { ask } = openAdmission();
    expect(await ask('alice', failure('rate-limited'))).toMatchObject(isHeldFor(1000));
  });

  test('of a key whose requests are used up tells when there will be more', async () => {
    const { ask } = openAdmission(1);
    expect(await ask('alice', failure('rate-limited', 7000))).toMatchObject(isHeldFor(WINDOW_MS));
  });
});

describe('a 401', () => {
  test('is cached for 10 s', async () => {
    const { ask, clock, sentCount } = openAdmission();
    const refusal = failure('unauthenticated');
    await ask('alice', refusal);
    clock.advance(9999);
    expect([await ask('alice'), sentCount()]).toEqual([refusal, 1]);
    clock.advance(1);
    expect([await ask('alice'), sentCount()]).toEqual(['fine', 2]);
  });

  test('of 30 keys stops those from the same address that were never good, and no other', async () => {
    const { ask, clock, sentCount } = openAdmission();
    await ask('proven');
    for (let key = 0; key < 29; key += 1) await ask(`bad-${key}`, failure('unauthenticated'));
    expect(await ask('new before')).toBe('fine');
    await ask('bad-30', failure('unauthenticated'));
    clock.advance(1000);

    expect(await ask('new after')).toMatchObject(isHeldFor(WINDOW_MS - 1000));
    expect([await ask('proven'), await ask('new before'), sentCount()]).toEqual(['fine', 'fine', 34]);
    expect(await ask('new elsewhere', 'fine', { client: '192.0.2.2' })).toBe('fine');
    clock.advance(WINDOW_MS - 1000);
    expect(await ask('new after')).toBe('fine');
  });

  test('comes 30 times at most, however many keys that were never good ask at once', async () => {
    const { enter } = openAdmission();
    let sent = 0;
    const outcomes = Array.from({ length: 100 }, async (_, key) => {
      const permit = await enter(`bad-${key}`);
      sent += 1;
      await setImmediate();
      return 'served' in permit ? 'served' : permit.failed(failure('unauthenticated'));
    });
    const kinds = await Promise.all(
      outcomes.map((each) =>
        each.then(
          () => 401,
          ({ kind }) => kind,
        ),
      ),
    );
    expect([sent, kinds.filter((kind) => kind === 'rate-limited').length]).toEqual([30, 70]);
  });

  test('that does not come soon keeps no other key waiting, however many requests hang', async () => {
    const { enter, clock } = openAdmission();
    for (let key = 0; key < 100; key += 1) void enter(`hanging-${key % 2}`);
    const other = enter('other').then(() => 'sent');
    await setImmediate();
    clock.advance(2000);
    expect(await other).toBe('sent');
  });

  test('of one key that was never good can only come so often at once that others go on', async () => {
    const { enter } = openAdmission();
    for (let request = 0; request < 100; request += 1) void enter('hanging');
    expect(await enter('other')).not.toHaveProperty('served');
  });

  test('that does not come lets none wait for longer than five seconds', async () => {
    const { enter, clock } = openAdmission();
    for (let request = 0; request < 16; request += 1) void enter('hanging');
    const late = enter('hanging').catch(({ kind }) => kind);
    await setImmediate();
    clock.advance(5000);
    expect(await late).toBe('overloaded');
  });

  test('that does not come lets the keys behind it go', async () => {
    const { enter } = openAdmission();
    const outcomes = Array.from({ length: 100 }, async (_, key) => {
      const permit = await enter(`good-${key}`);
      await setImmediate();
      if (!('served' in permit)) await permit.landed('fine');
    });
    expect(await Promise.all(outcomes)).toHaveLength(100);
  });

  test('is not forgotten for a key that is told from others only by what it may see', async () => {
    const { ask, clock } = openAdmission();
    for (const kind of ['forbidden', 'not-found'] as const) await ask(kind, failure(kind));
    for (let key = 0; key < 30; key += 1) await ask(`bad-${key}`, failure('unauthenticated'));
    clock.advance(1000);
    expect([await ask('forbidden'), await ask('not-found')]).toEqual(['fine', 'fine']);
  });
});

describe('the failure of a subject', () => {
  test('is repeated for a moment, with the time to wait, and stops no other subject', async () => {
    const { ask, clock, sentCount } = openAdmission();
    const same = { subject: 'x' };
    const error = failure('unavailable');
    expect(await ask('alice', error, same)).toBe(error);
    clock.advance(400);
    expect(await ask('alice', 'fine', same)).toMatchObject({
      kind: 'unavailable',
      facts: { retryAfterMs: 600 },
    });
    expect([await ask('alice', 'fine', { subject: 'y' }), sentCount()]).toEqual(['fine', 2]);
    clock.advance(600);
    expect(await ask('alice', 'fine', same)).toBe('fine');
  });

  test('stops those who want nothing from the cache, too', async () => {
    const { ask, sentCount } = openAdmission();
    await ask('alice', failure('unavailable'), { subject: 'x' });
    const urgent = { subject: 'x', mayUseReserve: true };
    expect([await ask('alice', 'fine', urgent), sentCount()]).toMatchObject([{ kind: 'unavailable' }, 1]);
  });

  test('is no other key’s', async () => {
    const { ask } = openAdmission();
    await ask('alice', failure('unavailable'), { subject: 'x' });
    expect(await ask('bob', 'fine', { subject: 'x' })).toBe('fine');
  });
});

describe('after an outage', () => {
  test('one request goes out, and the others wait for what it finds', async () => {
    const { fail, enter, ask, usedBy } = openAdmission();
    await fail('alice');
    const probe = await enter('alice');
    const others = [ask('alice'), ask('alice', 'fine', { mayUseReserve: true })];
    await Promise.resolve();
    expect(usedBy('alice')).toBe(4);
    if ('landed' in probe) await probe.landed('fine');
    expect([await Promise.all(others), usedBy('alice')]).toEqual([['fine', 'fine'], 6]);
  });

  test('those who wait for a request that hangs are told after a second', async () => {
    const { fail, enter, ask, clock } = openAdmission();
    await fail('alice');
    await enter('alice');
    const other = ask('alice');
    await Promise.resolve();
    clock.advance(1000);
    expect(await other).toMatchObject({ kind: 'unavailable', facts: { isRepeated: true } });
  });

  test('those who wait fail with the one that finds upstream still failing', async () => {
    const { fail, enter, ask, usedBy } = openAdmission();
    await fail('alice');
    const probe = await enter('alice');
    const others = [ask('alice'), ask('alice')];
    if ('failed' in probe) probe.failed(failure('timeout'));
    expect([await Promise.all(others), usedBy('alice')]).toMatchObject([
      [
        { kind: 'timeout', facts: { retryAfterMs: 2000 } },
        { kind: 'timeout', facts: { retryAfterMs: 2000 } },
      ],
      4,
    ]);
  });

  test('who finds in the cache what the others wait for sends nothing', async () => {
    const { fail, enter, ask, usedBy } = openAdmission();
    await fail('alice');
    const probe = await enter('alice');
    const served = ask('alice', 'fine', { lookup: () => 'from the cache' });
    if ('landed' in probe) await probe.landed('fine');
    expect([await served, usedBy('alice')]).toEqual(['from the cache', 4]);
  });

  test('the next one finds out where the first one was aborted', async () => {
    const { fail, enter, ask, usedBy } = openAdmission();
    await fail('alice');
    const probe = await enter('alice');
    const next = ask('alice');
    const gone = new Error('gone');
    expect('failed' in probe && probe.failed(gone)).toBe(gone);
    expect([await next, usedBy('alice')]).toEqual(['fine', 5]);
  });

  test('who leaves while waiting sends nothing', async () => {
    const { fail, enter, ask, usedBy } = openAdmission();
    await fail('alice');
    const probe = await enter('alice');
    const left = ask('alice', 'fine', { signal: AbortSignal.abort(new Error('gone')) });
    if ('landed' in probe) await probe.landed('fine');
    await expect(left).rejects.toThrow('gone');
    expect(usedBy('alice')).toBe(4);
  });

  test('no other key waits', async () => {
    const { fail, enter, ask } = openAdmission();
    await fail('alice');
    await enter('alice');
    expect(await ask('bob')).toBe('fine');
  });
});

test('a permit is given later than all that landed before, and its answer lands later than that', async () => {
  const { enter, admission } = openAdmission();
  const first = await enter('alice');
  const landed = 'landed' in first ? await first.landed('fine') : null;
  const second = await enter('alice');
  if (landed === null || !('askedSeq' in second && 'askedSeq' in first)) throw new Error('Nothing was sent.');
  expect([first.askedSeq < landed.seq, landed.seq < second.askedSeq, admission.seq]).toEqual([
    true,
    true,
    second.askedSeq,
  ]);
});

describe('where too many requests are under way', () => {
  const openNarrow = () => openAdmission(1000, { total: 5, perKey: 2 });

  test('a new operation is refused, and one that has begun is not', async () => {
    const { enter, ask } = openNarrow();
    for (let request = 0; request < 2; request += 1) await enter('alice');
    expect([await ask('alice'), await ask('alice', 'fine', { isFirst: false })]).toEqual([
      expect.objectContaining({ kind: 'overloaded' }),
      'fine',
    ]);
  });

  test('other keys are not refused before all that may be under way are', async () => {
    const { enter, ask } = openNarrow();
    for (const key of ['alice', 'alice', 'bob', 'bob']) await enter(key);
    // Nothing is done yet: nobody knows how long requests take.
    await enter('carol');
    expect(await ask('dave')).toMatchObject({ kind: 'overloaded' });
  });

  test('none is refused as long as requests are quick in spite of those that wait', async () => {
    const { enter, ask } = openNarrow();
    await ask('alice');
    for (let request = 0; request < 20; request += 1) await enter('alice');
    expect(await ask('alice')).toBe('fine');
  });

  test('what is done makes room', async () => {
    const { enter, ask } = openNarrow();
    const permit = await enter('alice');
    await enter('alice');
    if ('landed' in permit) await permit.landed('fine');
    expect(await ask('alice')).toBe('fine');
  });
});
