import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { ApiKey } from '../../src/auth/api-key.ts';
import { NEVER } from '../../src/jobs/seq.ts';
import { GatewayError } from '../../src/lib/gateway-error.ts';
import { Pollers } from '../../src/live/pollers.ts';
import type { Outcome } from '../../src/store/job-reader.ts';
import type { JobStore } from '../../src/store/job-store.ts';
import type { ReadScope } from '../../src/store/read-scope.ts';
import { decodeJob } from '../../src/upstream/decode-job.ts';
import { UpstreamError } from '../../src/upstream/upstream-error.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { aJob } from '../support/job-builder.ts';
import { stampAt } from '../support/stamp.ts';

const KEY = new ApiKey('alice-key');
const INTERVAL_MS = 2000;

/** Pollers over a store that gives these outcomes, and notes what it was asked for. */
function createPollers(outcomeOf: (qrn: string, index: number) => Outcome | Promise<Outcome>) {
  const clock = createFakeClock();
  const asked: { readonly qrns: readonly string[]; readonly scope: ReadScope }[] = [];
  const store: JobStore = {
    getJobs(_, qrns, scope) {
      asked.push({ qrns, scope });
      return Promise.all(qrns.map(outcomeOf));
    },
    listJobs: () => Promise.reject(new Error('No lists are read here.')),
    lastToSee: () => null,
    budgetOf: () => ({ limit: 1000, used: 0, remaining: 1000, resetAtMs: null }),
    paceOf: () => ({ slowdown: 1, waitMs: 0 }),
    seq: NEVER,
  };
  const pollers = new Pollers({
    store,
    clock,
    limits: { minIntervalMs: INTERVAL_MS, maxIntervalMs: 15_000 },
  });
  const pass = async (ms = INTERVAL_MS) => {
    clock.advance(ms);
    await setImmediate();
  };
  return { pollers, poller: pollers.pollerOf(KEY), clock, asked, pass };
}

function aReading(qrn: string, fetchedAtMs: number, fields: object = {}): Outcome {
  const decoded = decodeJob(aJob(qrn, { ...fields }));
  if (decoded === null) throw new Error('The test made up a job that is none.');
  return { job: decoded.job, fetched: stampAt(fetchedAtMs) };
}

const statusOf = (outcome: Outcome) => (outcome instanceof Error ? outcome.message : outcome.job.status);

describe('a key poller', () => {
  test('tells nothing before the watch has begun, and the present state once it is known', async () => {
    const { poller, pass } = createPollers((qrn) => aReading(qrn, 1));
    const received: string[] = [];
    poller.watchJob('a:1', (outcome) => received.push(statusOf(outcome)));
    expect(received).toEqual([]);
    await pass(0);
    expect(received).toEqual(['RUNNING']);
  });

  test('polls once for all who come together', async () => {
    const { poller, asked, pass } = createPollers((qrn) => aReading(qrn, 1));
    for (const qrn of ['a:1', 'a:2', 'a:1', 'a:3']) poller.watchJob(qrn, () => {});
    await pass(0);
    expect(asked.map(({ qrns }) => qrns)).toEqual([['a:1', 'a:2', 'a:3']]);
  });

  test('takes no reading that is older than what it knows', async () => {
    const readings = [aReading('a:1', 5), aReading('a:1', 4, { status: 'QUEUED' })];
    const { poller, pass } = createPollers(() => readings.shift() ?? aReading('a:1', 6, { status: 'HOLD' }));
    const received: string[] = [];
    poller.watchJob('a:1', (outcome) => received.push(statusOf(outcome)));
    await pass(0);
    await pass();
    await pass();
    expect(received).toEqual(['RUNNING', 'HOLD']);
  });

  test('tells whoever comes later what is known, and those before nothing', async () => {
    const { poller, pass } = createPollers((qrn) => aReading(qrn, 1));
    const received: string[] = [];
    poller.watchJob('a:1', () => received.push('early'));
    await pass(0);
    poller.watchJob('a:1', () => received.push('late'));
    await pass(0);
    expect(received).toEqual(['early', 'late']);
  });

  test('tells nobody who was made to leave by another listener', async () => {
    const { poller, pass } = createPollers((qrn) => aReading(qrn, 1));
    const received: string[] = [];
    const leave = { second: () => {} };
    poller.watchJob('a:1', () => {
      received.push('first');
      leave.second();
    });
    leave.second = poller.watchJob('a:1', () => received.push('second'));
    await pass(0);
    expect(received).toEqual(['first']);
  });

  test.each(['forbidden', 'not-found', 'unauthenticated', 'invalid-input', 'rejected'] as const)(
    'gives up a job that is %s, and ends with the last one',
    async (kind) => {
      const { pollers, poller, clock, pass } = createPollers(() => new UpstreamError(kind, kind));
      const received: string[] = [];
      const unwatch = poller.watchJob('a:1', (outcome) => {
        received.push(statusOf(outcome));
        unwatch();
      });
      await pass(0);
      await pass();
      expect(received).toEqual([kind]);
      expect([pollers.size, clock.pending]).toEqual([0, 0]);
    },
  );

  test.each(['unavailable', 'timeout', 'rate-limited', 'invalid-response'] as const)(
    'says nothing of a job that is %s, and tries again',
    async (kind) => {
      const { poller, asked, pass } = createPollers(() => new UpstreamError(kind, kind));
      const received: Outcome[] = [];
      poller.watchJob('a:1', (outcome) => received.push(outcome));
      await pass(0);
      await pass();
      expect(received).toEqual([]);
      expect(asked).toHaveLength(2);
    },
  );

  test('tells of a fault of ours, instead of trying for ever', async () => {
    const { poller, pass } = createPollers(() => new TypeError('x is not a function'));
    const received: string[] = [];
    poller.watchJob('a:1', (outcome) => received.push(statusOf(outcome)));
    await pass(0);
    expect(received).toEqual(['x is not a function']);
  });

  test('polls the others while one does not answer', async () => {
    const { poller, asked, pass } = createPollers((qrn) =>
      qrn === 'a:slow' ? new Promise(() => {}) : aReading(qrn, 1),
    );
    poller.watchJob('a:1', () => {});
    await pass(0);
    poller.watchJob('a:slow', () => {});
    await pass(0);
    await pass();
    await pass();
    await pass();
    expect(asked.map(({ qrns }) => qrns)).toEqual([['a:1'], ['a:slow'], ['a:1'], ['a:1'], ['a:1']]);
  });

  test('reads the jobs of a poll one by one after 3 s, as part of the same poll', async () => {
    const isHanging = { 'a:slow': false };
    const { poller, asked, clock, pass } = createPollers((qrn) =>
      qrn === 'a:slow' && isHanging[qrn] ? new Promise(() => {}) : aReading(qrn, clock.now()),
    );
    for (const qrn of ['a:1', 'a:slow']) poller.watchJob(qrn, () => {});
    await pass(0);
    isHanging['a:slow'] = true;
    await pass();
    await pass(3000);
    await pass(1000);
    expect(asked.slice(1).map(({ qrns }) => qrns)).toEqual([['a:1', 'a:slow'], ['a:1'], ['a:slow'], ['a:1']]);
    expect(asked[2]?.scope).toBe(asked[1]?.scope);
  });

  test('reads those first that waited for the longest time', async () => {
    const { poller, asked, clock, pass } = createPollers((qrn, index) =>
      index > 0 ? new GatewayError('too-expensive', 'Too expensive.') : aReading(qrn, clock.now()),
    );
    for (const qrn of ['a:1', 'a:2', 'a:3']) poller.watchJob(qrn, () => {});
    await pass(0);
    await pass();
    await pass();
    await pass();
    expect(asked.map(({ qrns }) => qrns)).toEqual([
      ['a:1', 'a:2', 'a:3'],
      // Those that were never seen are polled apart from the others.
      ['a:1'],
      ['a:2', 'a:3'],
      ['a:1', 'a:2'],
      ['a:3'],
      ['a:2', 'a:1', 'a:3'],
    ]);
  });

  test('ends with the last listener, and hears nothing of the poll under way', async () => {
    const { pollers, poller, clock, asked, pass } = createPollers(async (qrn) => {
      await setImmediate();
      return aReading(qrn, 1);
    });
    const received: Outcome[] = [];
    const unwatch = poller.watchJob('a:1', (outcome) => received.push(outcome));
    clock.advance(INTERVAL_MS);
    unwatch();
    unwatch();
    expect([pollers.size, clock.pending, asked[0]?.scope.signal?.aborted]).toEqual([0, 0, true]);
    await pass();
    await pass();
    expect([received, clock.pending]).toEqual([[], 0]);
  });

  test('that has ended is followed by a new one', async () => {
    const { pollers, poller } = createPollers((qrn) => aReading(qrn, 1));
    poller.watchJob('a:1', () => {})();
    expect(pollers.pollerOf(KEY)).not.toBe(poller);
    pollers.pollerOf(KEY).watchJob('a:1', () => {})();
    expect(pollers.size).toBe(0);
  });

  test('schedules nothing more where hearing of one job ends the watch of all', async () => {
    const state = { status: 'RUNNING' };
    const { pollers, poller, clock, pass } = createPollers((qrn) => aReading(qrn, clock.now(), state));
    const leave: (() => void)[] = [];
    const receive = (outcome: Outcome) => {
      if (statusOf(outcome) === 'FAILED') for (const unwatch of leave) unwatch();
    };
    leave.push(poller.watchJob('a:1', receive), poller.watchJob('a:2', receive));
    await pass(0);
    state.status = 'FAILED';
    await pass();
    expect([pollers.size, clock.pending]).toEqual([0, 0]);
  });
});
