import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { ApiKey } from '../../src/auth/api-key.ts';
import { KeysFailedError } from '../../src/jobs/keys-failed-error.ts';
import { connectionKind } from '../../src/live/connection-kind.ts';
import { Pollers } from '../../src/live/pollers.ts';
import { type ViewUpdate, watchView } from '../../src/live/watch-view.ts';
import type { JobConnectionView } from '../../src/paging/job-connection.ts';
import { UpstreamError } from '../../src/upstream/upstream-error.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { scriptedStore } from '../support/scripted-store.ts';

const INTERVAL_MS = 2000;

/** A stream over a list of two keys, of which each reading gives a total or fails. */
function watch(readings: (number | Error)[]) {
  const clock = createFakeClock();
  const store = scriptedStore(() => Promise.reject(new Error('No jobs are read here.')));
  const limits = { minIntervalMs: INTERVAL_MS, maxIntervalMs: 15_000 };
  const stream = watchView({
    pollers: new Pollers({ store, clock, limits }),
    credentials: ['alice', 'bob'].map((label) => ({ label, key: new ApiKey(`${label}-key`) })),
    name: 'the first page',
    kind: connectionKind,
    async read() {
      const reading = readings.shift() ?? 0;
      if (reading instanceof Error) throw reading;
      return {
        edges: [],
        hasNextPage: false,
        hasPreviousPage: false,
        totalCount: reading,
        sources: [],
        isStale: false,
        fetchedAt: new Date(0),
      };
    },
  });
  return {
    next: async () => toTotal((await stream.next()).value),
    async pass() {
      clock.advance(INTERVAL_MS);
      await setImmediate();
    },
  };
}

function toTotal(update: ViewUpdate<JobConnectionView> | undefined): number | string {
  if (update === undefined) return 'complete';
  return update instanceof Error ? update.message : update.totalCount;
}

const failure = (label: string, kind: 'unauthenticated' | 'unavailable') => ({
  label,
  error: new UpstreamError(kind, kind),
});

test('a page that waits is dropped when one of its keys is refused and the others fail', async () => {
  const failed = new KeysFailedError([failure('alice', 'unauthenticated'), failure('bob', 'unavailable')]);
  const { next, pass } = watch([1, 2, failed, 3]);
  const totals = [await next()];
  await pass();
  await pass();
  const third = next();
  await pass();
  totals.push(await third);
  expect(totals).toEqual([1, 3]);
});

test('a page that waits is kept when all keys fail for the moment', async () => {
  const failed = new KeysFailedError([failure('alice', 'unavailable'), failure('bob', 'unavailable')]);
  const { next, pass } = watch([1, 2, failed]);
  const totals = [await next()];
  await pass();
  await pass();
  totals.push(await next());
  expect(totals).toEqual([1, 2]);
});

test('a page that was dropped is sent once it is read again', async () => {
  const failed = new KeysFailedError([failure('alice', 'unauthenticated'), failure('bob', 'unavailable')]);
  const { next, pass } = watch([1, 2, failed, 2]);
  const totals = [await next()];
  for (let count = 0; count < 3; count += 1) await pass();
  totals.push(await next());
  expect(totals).toEqual([1, 2]);
});
