import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { ApiKey } from '../../src/auth/api-key.ts';
import type { FetchedJob } from '../../src/jobs/list-page.ts';
import { Pollers } from '../../src/live/pollers.ts';
import type { JobUpdate } from '../../src/live/watch-job.ts';
import { watchJobs } from '../../src/live/watch-jobs.ts';
import type { ReadOutcome } from '../../src/store/read-jobs.ts';
import { UpstreamError } from '../../src/upstream/upstream-error.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { aReading, scriptedStore } from '../support/scripted-store.ts';

const INTERVAL_MS = 2000;
const UNAVAILABLE = new UpstreamError('unavailable', 'Down.');
const NOT_FOUND = new UpstreamError('not-found', 'No such job.');
const REFUSED = new UpstreamError('unauthenticated', 'Refused.');

/** What each key gives for each job. What is left out is unavailable. A test may change it between polls. */
type Outcomes = Record<string, Record<string, ReadOutcome>>;

/** A stream over these jobs with these keys, first with the first of them. `shown` is what others were shown of `a:1`, by key. */
function watch(outcomes: Outcomes, qrns: readonly string[], shown: Record<string, FetchedJob> = {}) {
  const clock = createFakeClock();
  const credentials = Object.keys(outcomes).map((label) => ({ label, key: new ApiKey(`${label}-key`) }));
  const lastSeen = ({ fingerprint }: ApiKey) =>
    shown[credentials.find(({ key }) => key.fingerprint === fingerprint)?.label ?? ''] ?? null;
  const store = scriptedStore(
    async ({ fingerprint }, wanted) => {
      const owner = credentials.find(({ key }) => key.fingerprint === fingerprint);
      return wanted.map((qrn) => outcomes[owner?.label ?? '']?.[qrn] ?? UNAVAILABLE);
    },
    {
      lastToSee: (asked) => asked.find(({ key }) => lastSeen(key) !== null) ?? asked[0] ?? null,
      lastSeen,
    },
  );
  const limits = { minIntervalMs: INTERVAL_MS, maxIntervalMs: 15_000 };
  const stream = watchJobs(qrns, {
    pollers: new Pollers({ store, clock, limits }),
    clock,
    credentials,
    client: '',
  });
  return {
    next: async () => toText((await stream.next()).value),
    async pass() {
      clock.advance(INTERVAL_MS);
      await setImmediate();
    },
  };
}

function toText(update: JobUpdate | undefined): string {
  if (update === undefined) return 'complete';
  return update instanceof Error
    ? update.message
    : [update.job.qrn, update.job.status, ...update.keys].join(' ');
}

describe('a stream of several keys', () => {
  test('does not go back to what a key that is held has cached', async () => {
    const outcomes: Outcomes = { alice: { 'a:1': aReading('a:1', 5, { status: 'QUEUED' }) }, bob: {} };
    const { next, pass } = watch(outcomes, ['a:1']);
    const updates = [await next()];
    outcomes['alice'] = {};
    outcomes['bob'] = { 'a:1': aReading('a:1', 4, { status: 'VALIDATING' }) };
    await pass();
    await pass();
    outcomes['bob'] = { 'a:1': aReading('a:1', 6, { status: 'RUNNING' }) };
    await pass();
    updates.push(await next());
    expect(updates).toEqual(['a:1 QUEUED alice', 'a:1 RUNNING bob']);
  });
});

describe('a stream whose other key has shown more of a job to somebody else', () => {
  const shown = aReading('a:1', 7);

  /** Alice's key is watched with, and gives a state that is behind what Bob's has shown. */
  async function openBehind(bob: ReadOutcome) {
    const outcomes: Outcomes = { alice: { 'a:1': aReading('a:1', 5, { status: 'QUEUED' }) }, bob: {} };
    const seen: Record<string, FetchedJob> = {};
    const stream = watch(outcomes, ['a:1'], seen);
    const updates = [await stream.next()];
    const letBob = (outcome: ReadOutcome, last: FetchedJob) => {
      outcomes['bob'] = { 'a:1': outcome };
      seen['bob'] = last;
    };
    const readAlice = (fetchedAtMs: number, status: string) => {
      outcomes['alice'] = { 'a:1': aReading('a:1', fetchedAtMs, { status }) };
    };
    readAlice(6, 'VALIDATING');
    letBob(bob, shown);
    await stream.pass();
    await stream.pass();
    return { ...stream, seen, letBob, readAlice, updates };
  }

  test('shows the job as that key does, and goes on with it', async () => {
    const { next, pass, letBob, updates } = await openBehind(shown);
    updates.push(await next());
    const ended = aReading('a:1', 8, { status: 'COMPLETED', cost: 3 });
    letBob(ended, ended);
    await pass();
    await pass();
    updates.push(await next(), await next());
    expect(updates).toEqual(['a:1 QUEUED alice', 'a:1 RUNNING bob', 'a:1 COMPLETED bob', 'complete']);
  });

  test('shows what that key has shown, also while that key gives nothing', async () => {
    const { next, updates } = await openBehind(UNAVAILABLE);
    updates.push(await next());
    expect(updates).toEqual(['a:1 QUEUED alice', 'a:1 RUNNING bob']);
  });

  test('goes on with the first key while that key gives nothing', async () => {
    const { next, pass, readAlice, updates } = await openBehind(UNAVAILABLE);
    updates.push(await next());
    await pass();
    readAlice(20, 'CANCELLED');
    await pass();
    await pass();
    updates.push(await next());
    expect(updates).toEqual(['a:1 QUEUED alice', 'a:1 RUNNING bob', 'a:1 CANCELLED alice']);
  });

  test('shows nothing again that that key only confirms', async () => {
    const { next, pass, letBob, updates } = await openBehind(UNAVAILABLE);
    updates.push(await next());
    const again = aReading('a:1', 9);
    letBob(again, again);
    await pass();
    await pass();
    const nextUpdate = next();
    await pass();
    const ended = aReading('a:1', 10, { status: 'COMPLETED', cost: 3 });
    letBob(ended, ended);
    await pass();
    await pass();
    updates.push(await nextUpdate);
    expect(updates).toEqual(['a:1 QUEUED alice', 'a:1 RUNNING bob', 'a:1 COMPLETED bob']);
  });

  /** Opens it where Bob's key may not see the job any more, and what it had shown is gone. */
  async function openWithoutBob() {
    const { seen, ...stream } = await openBehind(NOT_FOUND);
    delete seen['bob'];
    await stream.pass();
    stream.updates.push(await stream.next());
    return stream;
  }

  test('shows it as the first key does once the other one may not see it', async () => {
    const { updates } = await openWithoutBob();
    expect(updates).toEqual(['a:1 QUEUED alice', 'a:1 VALIDATING alice']);
  });

  test('shows it as the other key does once that sees it again', async () => {
    const { next, pass, letBob, readAlice, updates } = await openWithoutBob();
    const again = aReading('a:1', 12);
    letBob(again, again);
    readAlice(11, 'INITIALIZING');
    await pass();
    await pass();
    updates.push(await next());
    expect(updates).toEqual(['a:1 QUEUED alice', 'a:1 VALIDATING alice', 'a:1 RUNNING bob']);
  });
});

test('a stream whose key fails goes on with what another one has shown since it was polled last', async () => {
  const outcomes: Outcomes = { alice: { 'a:1': aReading('a:1', 5, { status: 'QUEUED' }) }, bob: {} };
  const shown: Record<string, FetchedJob> = {};
  const { next, pass } = watch(outcomes, ['a:1'], shown);
  const updates = [await next()];
  // Bob's key is asked as well, and knows less.
  outcomes['alice'] = {};
  outcomes['bob'] = { 'a:1': aReading('a:1', 4, { status: 'INITIALIZING' }) };
  await pass();
  await pass();
  outcomes['alice'] = { 'a:1': NOT_FOUND };
  outcomes['bob'] = {};
  shown['bob'] = aReading('a:1', 7);
  await pass();
  updates.push(await next());
  expect(updates).toEqual(['a:1 QUEUED alice', 'a:1 RUNNING bob']);
});

test('a stream whose key has shown more to somebody else while it fails goes on with the other one, too', async () => {
  const outcomes: Outcomes = { alice: { 'a:1': aReading('a:1', 5, { status: 'QUEUED' }) }, bob: {} };
  const shown: Record<string, FetchedJob> = {};
  const { next, pass } = watch(outcomes, ['a:1'], shown);
  const updates = [await next()];
  outcomes['alice'] = {};
  await pass();
  await pass();
  shown['alice'] = aReading('a:1', 7);
  await pass();
  updates.push(await next());
  outcomes['bob'] = { 'a:1': aReading('a:1', 12, { status: 'CANCELLED', cost: 0 }) };
  await pass();
  await pass();
  updates.push(await next());
  expect(updates).toEqual(['a:1 QUEUED alice', 'a:1 RUNNING alice', 'a:1 CANCELLED bob']);
});

describe('what waits for a slow reader when its key is refused', () => {
  test('is sent as another key gave it before, though that did not count then', async () => {
    const outcomes: Outcomes = {
      alice: { 'a:1': aReading('a:1', 5), 'a:2': aReading('a:2', 5, { status: 'QUEUED' }) },
      bob: {},
    };
    const { next, pass } = watch(outcomes, ['a:1', 'a:2']);
    const updates = [await next()];
    // Alice cannot tell for a moment, and Bob only knows an older state.
    outcomes['alice'] = {};
    outcomes['bob'] = { 'a:1': aReading('a:1', 4), 'a:2': aReading('a:2', 4, { status: 'VALIDATING' }) };
    await pass();
    await pass();
    outcomes['alice'] = { 'a:1': REFUSED, 'a:2': REFUSED };
    await pass();
    updates.push(await next(), await next());
    expect(updates.slice(1).toSorted()).toEqual(['a:1 RUNNING bob', 'a:2 VALIDATING bob']);
  });

  test('is not sent any more', async () => {
    const outcomes: Outcomes = { alice: { 'a:1': aReading('a:1', 1), 'a:2': aReading('a:2', 1) } };
    const { next, pass } = watch(outcomes, ['a:1', 'a:2']);
    const updates = [await next()];
    outcomes['alice'] = { 'a:1': REFUSED, 'a:2': REFUSED };
    await pass();
    updates.push(await next(), await next());
    expect(updates).toEqual(['a:1 RUNNING alice', 'Refused.', 'complete']);
  });

  test('is not sent any more although its job has ended', async () => {
    const ended = aReading('a:2', 1, { status: 'COMPLETED', cost: 1 });
    const outcomes: Outcomes = { alice: { 'a:1': aReading('a:1', 1), 'a:2': ended } };
    const { next, pass } = watch(outcomes, ['a:1', 'a:2']);
    const updates = [await next()];
    outcomes['alice'] = { 'a:1': REFUSED };
    await pass();
    updates.push(await next(), await next());
    expect(updates).toEqual(['a:1 RUNNING alice', 'Refused.', 'complete']);
  });

  test('is sent as another key sees it, also if its job has ended', async () => {
    const ended = aReading('a:2', 1, { status: 'COMPLETED', cost: 1 });
    const outcomes: Outcomes = {
      alice: { 'a:1': aReading('a:1', 1), 'a:2': ended },
      bob: { 'a:2': ended },
    };
    const { next, pass } = watch(outcomes, ['a:1', 'a:2']);
    const updates = [await next()];
    outcomes['alice'] = { 'a:1': REFUSED };
    await pass();
    await pass();
    updates.push(await next());
    outcomes['bob'] = { 'a:1': aReading('a:1', 2, { status: 'CANCELLED', cost: 0 }) };
    await pass();
    updates.push(await next(), await next());
    expect(updates).toEqual(['a:1 RUNNING alice', 'a:2 COMPLETED bob', 'a:1 CANCELLED bob', 'complete']);
  });

  test('is sent although the other key read it before', async () => {
    const outcomes: Outcomes = {
      alice: { 'a:1': aReading('a:1', 5), 'a:2': aReading('a:2', 5, { status: 'QUEUED' }) },
      bob: { 'a:2': aReading('a:2', 4) },
    };
    const { next, pass } = watch(outcomes, ['a:1', 'a:2']);
    const updates = [await next()];
    outcomes['alice'] = { 'a:1': REFUSED, 'a:2': REFUSED };
    await pass();
    updates.push(await next());
    expect(updates).toEqual(['a:1 RUNNING alice', 'a:2 RUNNING bob']);
  });
});
