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
const TICK_MS = 2000;

/** A hub over a store that gives these outcomes, and notes what it was asked for. */
function createHub(outcomeOf: (qrn: string, index: number) => Outcome | Promise<Outcome>) {
  const clock = createFakeClock();
  const asked: { readonly qrns: readonly string[]; readonly scope: ReadScope }[] = [];
  const store: JobStore = {
    getJobs(_, qrns, scope) {
      asked.push({ qrns, scope });
      return Promise.all(qrns.map(outcomeOf));
    },
    listJobs: () => Promise.reject(new Error('No lists are read here.')),
    lastToSee: () => null,
    partitionOf: () => 0,
    budgetOf: () => ({ limit: 1000, used: 0, remaining: 1000, resetAtMs: null }),
    paceOf: () => ({ slowdown: 1, waitMs: 0 }),
    seq: NEVER,
  };
  const hub = new Pollers({ store, clock, limits: { minIntervalMs: TICK_MS, maxIntervalMs: 15_000 } });
  const tick = async (ms = TICK_MS) => {
    clock.advance(ms);
    await setImmediate();
  };
  return { hub, watcher: hub.pollerOf(KEY), clock, asked, tick };
}

function aReading(qrn: string, fetchedAtMs: number, fields: object = {}): Outcome {
  const decoded = decodeJob(aJob(qrn, { ...fields }));
  if (decoded === null) throw new Error('The test made up a job that is none.');
  return { job: decoded.job, fetched: stampAt(fetchedAtMs) };
}

const statusOf = (news: Outcome) => (news instanceof Error ? news.message : news.job.status);

describe('a watcher', () => {
  test('tells nothing before the watch has begun, and the present state once it is known', async () => {
    const { watcher, tick } = createHub((qrn) => aReading(qrn, 1));
    const heard: string[] = [];
    watcher.watchJob('a:1', (news) => heard.push(statusOf(news)));
    expect(heard).toEqual([]);
    await tick(0);
    expect(heard).toEqual(['RUNNING']);
  });

  test('looks once for all who come together', async () => {
    const { watcher, asked, tick } = createHub((qrn) => aReading(qrn, 1));
    for (const qrn of ['a:1', 'a:2', 'a:1', 'a:3']) watcher.watchJob(qrn, () => {});
    await tick(0);
    expect(asked.map(({ qrns }) => qrns)).toEqual([['a:1', 'a:2', 'a:3']]);
  });

  test('takes no reading that is older than what it knows', async () => {
    const readings = [aReading('a:1', 5), aReading('a:1', 4, { status: 'QUEUED' })];
    const { watcher, tick } = createHub(() => readings.shift() ?? aReading('a:1', 6, { status: 'HOLD' }));
    const heard: string[] = [];
    watcher.watchJob('a:1', (news) => heard.push(statusOf(news)));
    await tick(0);
    await tick();
    await tick();
    expect(heard).toEqual(['RUNNING', 'HOLD']);
  });

  test('tells whoever comes later what is known, and those before nothing', async () => {
    const { watcher, tick } = createHub((qrn) => aReading(qrn, 1));
    const heard: string[] = [];
    watcher.watchJob('a:1', () => heard.push('early'));
    await tick(0);
    watcher.watchJob('a:1', () => heard.push('late'));
    await tick(0);
    expect(heard).toEqual(['early', 'late']);
  });

  test('tells nobody who was made to leave by another listener', async () => {
    const { watcher, tick } = createHub((qrn) => aReading(qrn, 1));
    const heard: string[] = [];
    const leave = { second: () => {} };
    watcher.watchJob('a:1', () => {
      heard.push('first');
      leave.second();
    });
    leave.second = watcher.watchJob('a:1', () => heard.push('second'));
    await tick(0);
    expect(heard).toEqual(['first']);
  });

  test.each(['forbidden', 'not-found', 'unauthenticated', 'invalid-input', 'rejected'] as const)(
    'gives up a job that is %s, and ends with the last one',
    async (kind) => {
      const { hub, watcher, clock, tick } = createHub(() => new UpstreamError(kind, kind));
      const heard: string[] = [];
      const unwatch = watcher.watchJob('a:1', (news) => {
        heard.push(statusOf(news));
        unwatch();
      });
      await tick(0);
      await tick();
      expect(heard).toEqual([kind]);
      expect([hub.size, clock.pending]).toEqual([0, 0]);
    },
  );

  test.each(['unavailable', 'timeout', 'rate-limited', 'invalid-response'] as const)(
    'says nothing of a job that is %s, and tries again',
    async (kind) => {
      const { watcher, asked, tick } = createHub(() => new UpstreamError(kind, kind));
      const heard: Outcome[] = [];
      watcher.watchJob('a:1', (news) => heard.push(news));
      await tick(0);
      await tick();
      expect(heard).toEqual([]);
      expect(asked).toHaveLength(2);
    },
  );

  test('tells of a fault of ours, instead of trying for ever', async () => {
    const { watcher, tick } = createHub(() => new TypeError('x is not a function'));
    const heard: string[] = [];
    watcher.watchJob('a:1', (news) => heard.push(statusOf(news)));
    await tick(0);
    expect(heard).toEqual(['x is not a function']);
  });

  test('looks at the others while one does not answer', async () => {
    const { watcher, asked, tick } = createHub((qrn) =>
      qrn === 'a:slow' ? new Promise(() => {}) : aReading(qrn, 1),
    );
    watcher.watchJob('a:1', () => {});
    await tick(0);
    watcher.watchJob('a:slow', () => {});
    await tick(0);
    await tick();
    await tick();
    await tick();
    expect(asked.map(({ qrns }) => qrns)).toEqual([['a:1'], ['a:slow'], ['a:1'], ['a:1'], ['a:1']]);
  });

  test('reads those first that waited for the longest time', async () => {
    const { watcher, asked, clock, tick } = createHub((qrn, index) =>
      index > 0 ? new GatewayError('too-expensive', 'Too expensive.') : aReading(qrn, clock.now()),
    );
    for (const qrn of ['a:1', 'a:2', 'a:3']) watcher.watchJob(qrn, () => {});
    await tick(0);
    await tick();
    await tick();
    await tick();
    expect(asked.map(({ qrns }) => qrns)).toEqual([
      ['a:1', 'a:2', 'a:3'],
      // Those that were never seen are looked at apart from the others.
      ['a:1'],
      ['a:2', 'a:3'],
      ['a:1', 'a:2'],
      ['a:3'],
      ['a:2', 'a:1', 'a:3'],
    ]);
  });

  test('ends with the last listener, and hears nothing of the look under way', async () => {
    const { hub, watcher, clock, asked, tick } = createHub(async (qrn) => {
      await setImmediate();
      return aReading(qrn, 1);
    });
    const heard: Outcome[] = [];
    const unwatch = watcher.watchJob('a:1', (news) => heard.push(news));
    const unwatchTicks = watcher.watchTicks(() => {});
    clock.advance(TICK_MS);
    unwatch();
    unwatch();
    expect(hub.size).toBe(1);
    unwatchTicks();
    unwatchTicks();
    expect([hub.size, clock.pending, asked[0]?.scope.signal?.aborted]).toEqual([0, 0, true]);
    await tick();
    await tick();
    expect([heard, clock.pending]).toEqual([[], 0]);
  });

  test('that has ended is followed by a new one', async () => {
    const { hub, watcher } = createHub((qrn) => aReading(qrn, 1));
    watcher.watchTicks(() => {})();
    expect(hub.pollerOf(KEY)).not.toBe(watcher);
    hub.pollerOf(KEY).watchTicks(() => {})();
    expect(hub.size).toBe(0);
  });

  test('schedules nothing more where hearing of one job ends the watch of all', async () => {
    const state = { status: 'RUNNING' };
    const { hub, watcher, clock, tick } = createHub((qrn) => aReading(qrn, clock.now(), state));
    const leave: (() => void)[] = [];
    const hear = (news: Outcome) => {
      if (statusOf(news) === 'FAILED') for (const unwatch of leave) unwatch();
    };
    leave.push(watcher.watchJob('a:1', hear), watcher.watchJob('a:2', hear));
    await tick(0);
    state.status = 'FAILED';
    await tick();
    expect([hub.size, clock.pending]).toEqual([0, 0]);
  });
});
