import { describe, expect, test } from 'vitest';
import { ApiKey } from '../../src/auth/api-key.ts';
import { NEVER } from '../../src/jobs/seq.ts';
import { Admission } from '../../src/store/admission/admission.ts';
import { OperationBudget } from '../../src/store/admission/operation-budget.ts';
import { UpstreamError, type UpstreamErrorKind } from '../../src/upstream/upstream-error.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const WINDOW_MS = 900_000;
const DAY_MS = Date.UTC(2026, 0, 15);

/** A gate, and what asks through it with a key: tells the answer, or why there is none. */
function openGate(requests = 1000) {
  const clock = createFakeClock(DAY_MS);
  const gate = new Admission({ requests, windowMs: WINDOW_MS }, clock, () => 1);
  let sent = 0;

  const send = (answer: 'fine' | UpstreamError) => {
    sent += 1;
    return answer === 'fine' ? Promise.resolve(answer) : Promise.reject(answer);
  };

  async function ask(
    key: string,
    answer: 'fine' | UpstreamError = 'fine',
    { mustBeFresh = false, operationBudget = new OperationBudget(1000) } = {},
  ): Promise<string | UpstreamError> {
    const scope = { startedSeq: NEVER, mustBeFresh, operationBudget, signal: undefined, markStale() {} };
    const account = gate.accountOf(new ApiKey(key));
    try {
      return await gate.pass({ account, scope }, () => send(answer));
    } catch (error) {
      if (error instanceof UpstreamError) return error;
      throw error;
    }
  }

  return { gate, clock, ask, sentCount: () => sent };
}

const failure = (kind: UpstreamErrorKind, retryAfterMs?: number) =>
  new UpstreamError(kind, kind, retryAfterMs === undefined ? {} : { retryAfterMs });

const isHeldFor = (retryAfterMs: number) => ({ kind: 'rate-limited', facts: { retryAfterMs } });

describe('the budget of a key', () => {
  test('counts what was sent, whatever came of it', async () => {
    const { gate, ask } = openGate();
    for (const kind of ['forbidden', 'unavailable', 'timeout'] as const) await ask('alice', failure(kind));
    await ask('alice');
    expect(gate.accountOf(new ApiKey('alice')).state(DAY_MS).used).toBe(4);
  });

  test('stops requests where it is spent, until the first of them is a window old', async () => {
    const { ask, clock, sentCount } = openGate(10);
    for (let request = 0; request < 9; request += 1) {
      await ask('alice');
      clock.advance(1000);
    }
    expect(await ask('alice')).toMatchObject(isHeldFor(WINDOW_MS - 9000));
    clock.advance(WINDOW_MS - 9000);
    expect([await ask('alice'), sentCount()]).toEqual(['fine', 10]);
  });

  test('keeps a tenth for who must have it fresh', async () => {
    const { ask } = openGate(10);
    for (let request = 0; request < 9; request += 1) await ask('alice');
    const urgent = { mustBeFresh: true };
    expect(await ask('alice', 'fine', urgent)).toBe('fine');
    expect(await ask('alice', 'fine', urgent)).toMatchObject(isHeldFor(WINDOW_MS));
  });

  test('is no other key’s', async () => {
    const { ask } = openGate(1);
    await ask('alice');
    expect([await ask('alice'), await ask('bob')]).toMatchObject([isHeldFor(WINDOW_MS), 'fine']);
  });
});

describe('a 429', () => {
  test.each([false, true])(
    'stops all requests of the key while it lasts (must be fresh: %s)',
    async (mustBeFresh) => {
      const { ask, clock, sentCount } = openGate();
      expect(await ask('alice', failure('rate-limited', 7000))).toMatchObject(isHeldFor(7000));
      clock.advance(3000);
      expect(await ask('alice', 'fine', { mustBeFresh })).toMatchObject(isHeldFor(4000));
      expect([await ask('bob'), sentCount()]).toEqual(['fine', 2]);
      clock.advance(4000);
      expect(await ask('alice', 'fine', { mustBeFresh })).toBe('fine');
    },
  );

  test('without a time to wait tells the one that is kept', async () => {
    const { ask } = openGate();
    expect(await ask('alice', failure('rate-limited'))).toMatchObject(isHeldFor(1000));
  });

  test('of a key whose requests are used up tells when there will be more', async () => {
    const { ask } = openGate(1);
    expect(await ask('alice', failure('rate-limited', 7000))).toMatchObject(isHeldFor(WINDOW_MS));
  });
});

describe('a 401', () => {
  test('is remembered for 10 s', async () => {
    const { ask, clock, sentCount } = openGate();
    const refusal = failure('unauthenticated');
    await ask('alice', refusal);
    clock.advance(9999);
    expect([await ask('alice'), sentCount()]).toEqual([refusal, 1]);
    clock.advance(1);
    expect([await ask('alice'), sentCount()]).toEqual(['fine', 2]);
  });

  test('of 60 keys stops those that were never good, and no other', async () => {
    const { ask, clock, sentCount } = openGate();
    await ask('proven');
    for (let key = 0; key < 59; key += 1) await ask(`bad-${key}`, failure('unauthenticated'));
    expect(await ask('new before')).toBe('fine');
    await ask('bad-60', failure('unauthenticated'));
    clock.advance(1000);

    expect(await ask('new after')).toMatchObject(isHeldFor(WINDOW_MS - 1000));
    expect([await ask('proven'), await ask('new before'), sentCount()]).toEqual(['fine', 'fine', 64]);
    clock.advance(WINDOW_MS - 1000);
    expect(await ask('new after')).toBe('fine');
  });

  test('is not forgotten for a key that is told from others only by what it may see', async () => {
    const { ask } = openGate();
    for (const kind of ['forbidden', 'not-found'] as const) await ask(kind, failure(kind));
    for (let key = 0; key < 60; key += 1) await ask(`bad-${key}`, failure('unauthenticated'));
    expect([await ask('forbidden'), await ask('not-found')]).toEqual(['fine', 'fine']);
  });
});

describe('the operationBudget of an operation', () => {
  test('stops its requests, which then cost the key nothing', async () => {
    const { ask, gate } = openGate();
    const operationBudget = new OperationBudget(2);
    await ask('alice', 'fine', { operationBudget });
    await ask('alice', failure('unavailable'), { operationBudget });
    await expect(ask('alice', 'fine', { operationBudget })).rejects.toMatchObject({
      kind: 'too-expensive',
      facts: { maxUpstreamRequests: 2 },
    });
    expect(gate.accountOf(new ApiKey('alice')).state(DAY_MS).used).toBe(2);
    expect(await ask('alice')).toBe('fine');
  });

  test('is not spent on what is not sent', async () => {
    const { ask, clock } = openGate();
    await ask('alice', failure('rate-limited', 1000));
    const operationBudget = new OperationBudget(1);
    await ask('alice', 'fine', { operationBudget });
    clock.advance(1000);
    expect(await ask('alice', 'fine', { operationBudget })).toBe('fine');
  });
});

test('what the gate refuses it refuses at once, so that it is nobody else’s failure', () => {
  const { gate } = openGate();
  const account = gate.accountOf(new ApiKey('alice'));
  const scope = {
    startedSeq: NEVER,
    mustBeFresh: false,
    operationBudget: new OperationBudget(0),
    signal: undefined,
    markStale() {},
  };
  expect(() => gate.pass({ account, scope }, () => Promise.resolve())).toThrow('more than the 0 requests');
});
