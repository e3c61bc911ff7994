import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { ApiKey } from '../../src/auth/api-key.ts';
import type { FetchedJob } from '../../src/jobs/list-page.ts';
import { NEVER, toSeq } from '../../src/jobs/seq.ts';
import { GatewayError } from '../../src/lib/gateway-error.ts';
import { Pollers } from '../../src/live/pollers.ts';
import type { JobStore } from '../../src/store/job-store.ts';
import type { ReadOutcome } from '../../src/store/read-jobs.ts';
import type { ReadScope } from '../../src/store/read-scope.ts';
import { UpstreamError } from '../../src/upstream/upstream-error.ts';
import { createNews } from '../support/create-news.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { aReading, scriptedStore } from '../support/scripted-store.ts';

const KEY = new ApiKey('alice-key');
const INTERVAL_MS = 2000;

/** Pollers over a store that gives these outcomes, and notes what it was asked for. `cached` is what its cache alone gives. */
function createPollers(outcomeOf: (qrn: string, index: number) => ReadOutcome | Promise<ReadOutcome>) {
  const clock = createFakeClock();
  const pace = { slowdown: 1, waitMs: 0 };
  const asked: { readonly qrns: readonly string[]; readonly scope: ReadScope }[] = [];
  const news = createNews();
  const cached = new Map<string, ReadOutcome>();
  const looks: { readonly qrns: readonly string[]; readonly scope: ReadScope }[] = [];
  const state = { partition: 0, seq: NEVER };
  const notCached = new GatewayError('too-expensive', 'Not cached.');
  const getJobs: JobStore['getJobs'] = async (_, qrns, scope) => {
    if (scope.onlyIfCached) {
      looks.push({ qrns, scope });
      return qrns.map((qrn) => cached.get(qrn) ?? notCached);
    }
    asked.push({ qrns, scope });
    return Promise.all(qrns.map(outcomeOf));
  };
  const { onNews } = news;
  const seen = new Map<string, FetchedJob>();
  const lastSeen = (_: ApiKey, qrn: string) => seen.get(qrn) ?? null;
  const store = Object.defineProperty(
    scriptedStore(getJobs, { lastSeen, paceOf: () => pace, partitionOf: () => state.partition, onNews }),
    'seq',
    { get: () => state.seq },
  );
  const pollers = new Pollers({
    store,
    clock,
    limits: { minIntervalMs: INTERVAL_MS, maxIntervalMs: 15_000 },
    random: () => 0,
  });
  /** Others have read this, and it is in the cache by now. */
  const hear = async (...readings: readonly (readonly [qrn: string, outcome: ReadOutcome])[]) => {
    for (const [qrn, outcome] of readings) cached.set(qrn, outcome);
    news.tell(KEY);
    await setImmediate();
  };
  const pass = async (ms = INTERVAL_MS) => {
    clock.advance(ms);
    await setImmediate();
  };
  const poller = pollers.pollerOf(KEY);
  const watch = (qrn: string, onOutcome: (outcome: ReadOutcome) => void = () => {}) => {
    const subscription = poller.watchJob(qrn, { client: '', onOutcome, onDelay() {} });
    return () => poller.leave(subscription);
  };
  /** What `onDelay` of a subscriber to these jobs receives. */
  const watchDelays = (...qrns: readonly string[]) => {
    const delays: [qrn: string, isDelayed: boolean][] = [];
    for (const qrn of qrns) {
      poller.watchJob(qrn, {
        client: '',
        onOutcome() {},
        onDelay: (isDelayed) => delays.push([qrn, isDelayed]),
      });
    }
    return delays;
  };
  return { pollers, poller, watch, watchDelays, pace, clock, asked, seen, pass, looks, hear, state };
}

const unavailable = new UpstreamError('unavailable', 'Down.');

const statusOf = (outcome: ReadOutcome) => (outcome instanceof Error ? outcome.message : outcome.job.status);

describe('who comes while a job cannot be read receives it as others were shown it since its last poll', () => {
  test.each([
    ['since that fails', () => unavailable],
    ['since that takes long', () => new Promise<ReadOutcome>(() => {})],
    ['since the poll has no requests left', () => new GatewayError('too-expensive', 'Too expensive.')],
  ])('%s', async (_, read) => {
    const outcomes = [aReading('a:1', 1, { status: 'QUEUED' })];
    const { watch, pass, seen } = createPollers(() => outcomes.shift() ?? read());
    const received: string[] = [];
    watch('a:1');
    await pass(0);
    await pass();
    await pass(3000);
    seen.set('a:1', aReading('a:1', 9, { status: 'RUNNING' }));
    watch('a:1', (outcome) => received.push(statusOf(outcome)));
    await pass(0);
    expect(received).toEqual(['RUNNING']);
  });
});

test('who comes while a job cannot be read receives nothing that was read before the key was refused', async () => {
  const outcomes = [aReading('a:1', 1)];
  const { watch, pass, state } = createPollers(() => outcomes.shift() ?? new Promise(() => {}));
  const received: string[] = [];
  watch('a:1');
  await pass(0);
  await pass();
  await pass(3000);
  state.partition = 1;
  watch('a:1', (outcome) => received.push(statusOf(outcome)));
  await pass(0);
  expect(received).toEqual([]);
});

describe('a key poller is delayed', () => {
  test('for a job whose poll failed, until a poll succeeds', async () => {
    const outcomes = [aReading('a:1', 1), unavailable, unavailable];
    const { watchDelays, pass } = createPollers((qrn) => outcomes.shift() ?? aReading(qrn, 2));
    const delays = watchDelays('a:1');
    await pass(0);
    for (let count = 0; count < 4; count += 1) await pass();
    expect(delays).toEqual([
      ['a:1', true],
      ['a:1', false],
    ]);
  });

  test('while its key must wait, though the store gives what is cached', async () => {
    const { watchDelays, pace, pass } = createPollers((qrn) => aReading(qrn, 1));
    const delays = watchDelays('a:1');
    await pass(0);
    pace.waitMs = 37_000;
    await pass();
    expect(delays).toEqual([['a:1', true]]);
  });

  test('for a job that is not answered within 3 s, and for one of several within 500 ms more', async () => {
    const { watchDelays, pass } = createPollers(() => new Promise(() => {}));
    const delays = [watchDelays('a:1')];
    await pass(0);
    delays.push(watchDelays('a:2', 'a:3'));
    await pass(0);
    await pass(3000);
    expect(delays).toEqual([[['a:1', true]], []]);
    await pass(500);
    expect(delays[1]).toEqual([
      ['a:2', true],
      ['a:3', true],
    ]);
  });

  test('for a job of a late poll that nobody has asked for yet, but not for one that is read', async () => {
    let isFirst = true;
    const { watchDelays, pass } = createPollers((qrn) => {
      if (isFirst) return new Promise(() => {});
      return qrn === 'a:2' ? new GatewayError('too-expensive', 'Too expensive.') : aReading(qrn, 1);
    });
    const delays = watchDelays('a:1', 'a:2');
    await pass(0);
    isFirst = false;
    await pass(3000);
    await pass(500);
    expect(delays).toEqual([['a:2', true]]);
  });

  test('for nobody who left because of the job', async () => {
    const { poller, pace, pass } = createPollers((qrn) => aReading(qrn, 1));
    const received: string[] = [];
    pace.waitMs = 37_000;
    const subscription = poller.watchJob('a:1', {
      client: '',
      onOutcome() {
        received.push('outcome');
        poller.leave(subscription);
      },
      onDelay: () => received.push('delay'),
    });
    await pass(0);
    expect(received).toEqual(['outcome']);
  });
});

describe('a key poller', () => {
  test('shows a job as somebody has read it last while others of its poll were read', async () => {
    const { watch, pass, seen } = createPollers((qrn) => aReading(qrn, 1));
    const shown: ReadOutcome[] = [];
    watch('a:1', (outcome) => shown.push(outcome));
    seen.set('a:1', aReading('a:1', 2, { status: 'COMPLETED' }) as FetchedJob);
    await pass();
    expect(shown).toMatchObject([{ job: { status: 'COMPLETED' } }]);
  });

  test('sends nothing before the watch has begun, and the present state once it is known', async () => {
    const { watch, pass } = createPollers((qrn) => aReading(qrn, 1));
    const received: string[] = [];
    watch('a:1', (outcome) => received.push(statusOf(outcome)));
    expect(received).toEqual([]);
    await pass(0);
    expect(received).toEqual(['RUNNING']);
  });

  test('polls once for all who come together', async () => {
    const { watch, asked, pass } = createPollers((qrn) => aReading(qrn, 1));
    for (const qrn of ['a:1', 'a:2', 'a:1', 'a:3']) watch(qrn);
    await pass(0);
    expect(asked.map(({ qrns }) => qrns)).toEqual([['a:1', 'a:2', 'a:3']]);
  });

  test('takes no reading that is older than what it knows', async () => {
    const readings = [aReading('a:1', 5), aReading('a:1', 4, { status: 'QUEUED' })];
    const { watch, pass } = createPollers(() => readings.shift() ?? aReading('a:1', 6, { status: 'HOLD' }));
    const received: string[] = [];
    watch('a:1', (outcome) => received.push(statusOf(outcome)));
    await pass(0);
    await pass();
    await pass();
    expect(received).toEqual(['RUNNING', 'HOLD']);
  });

  test('sends what is known to whoever comes later, and nothing to those before', async () => {
    const { watch, pass } = createPollers((qrn) => aReading(qrn, 1));
    const received: string[] = [];
    watch('a:1', () => received.push('early'));
    await pass(0);
    watch('a:1', () => received.push('late'));
    await pass(0);
    expect(received).toEqual(['early', 'late']);
  });

  test('sends nothing to who was made to leave by another subscriber', async () => {
    const { watch, pass } = createPollers((qrn) => aReading(qrn, 1));
    const received: string[] = [];
    const leave = { second: () => {} };
    watch('a:1', () => {
      received.push('first');
      leave.second();
    });
    leave.second = watch('a:1', () => received.push('second'));
    await pass(0);
    expect(received).toEqual(['first']);
  });

  test.each(['forbidden', 'not-found', 'unauthenticated', 'invalid-input', 'rejected'] as const)(
    'gives up a job that is %s, and ends with the last one',
    async (kind) => {
      const { pollers, watch, clock, pass } = createPollers(() => new UpstreamError(kind, kind));
      const received: string[] = [];
      const unwatch = watch('a:1', (outcome) => {
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
      const { watch, asked, pass } = createPollers(() => new UpstreamError(kind, kind));
      const received: ReadOutcome[] = [];
      watch('a:1', (outcome) => received.push(outcome));
      await pass(0);
      await pass();
      expect(received).toEqual([]);
      expect(asked).toHaveLength(2);
    },
  );

  test('reports a fault of ours, instead of trying for ever', async () => {
    const { watch, pass } = createPollers(() => new TypeError('x is not a function'));
    const received: string[] = [];
    watch('a:1', (outcome) => received.push(statusOf(outcome)));
    await pass(0);
    expect(received).toEqual(['x is not a function']);
  });

  test('polls the others while one does not answer', async () => {
    const { watch, asked, pass } = createPollers((qrn) =>
      qrn === 'a:slow' ? new Promise(() => {}) : aReading(qrn, 1),
    );
    watch('a:1');
    await pass(0);
    watch('a:slow');
    await pass(0);
    await pass();
    await pass();
    await pass();
    expect(asked.map(({ qrns }) => qrns)).toEqual([['a:1'], ['a:slow'], ['a:1'], ['a:1'], ['a:1']]);
  });

  test('takes nothing of a poll that was under way when a client changed something, and polls at once', async () => {
    let release = (_: ReadOutcome) => {};
    const early = new Promise<ReadOutcome>((resolve) => {
      release = resolve;
    });
    const { pollers, watch, asked, pass } = createPollers((qrn) =>
      asked.length === 1 ? early : aReading(qrn, 2, { status: 'CANCELLING' }),
    );
    const received: string[] = [];
    watch('a:1', (outcome) => received.push(statusOf(outcome)));
    await pass(0);
    pollers.pollAnew(KEY);
    await pass(0);
    release(aReading('a:1', 1));
    await pass(0);
    expect([received, asked.length]).toEqual([['CANCELLING'], 2]);
  });

  test('takes the jobs of a late poll that are not late themselves after 3 s, and sends nothing for that', async () => {
    const isHanging = { 'a:slow': false };
    const { watch, asked, clock, pass } = createPollers((qrn) =>
      qrn === 'a:slow' && isHanging[qrn] ? new Promise(() => {}) : aReading(qrn, clock.now()),
    );
    for (const qrn of ['a:1', 'a:slow']) watch(qrn);
    await pass(0);
    isHanging['a:slow'] = true;
    await pass();
    await pass(3000);
    await pass(1000);
    expect(asked.slice(1).map(({ qrns }) => qrns)).toEqual([['a:1', 'a:slow'], ['a:1'], ['a:slow'], ['a:1']]);
    expect(asked.slice(2, 4).map(({ scope }) => scope.operationBudget.limit)).toEqual([0, 0]);
    expect(asked[2]?.scope.startedSeq).toBe(asked[1]?.scope.startedSeq);
  });

  test('reads nothing more of a late poll for who has left', async () => {
    const { watch, asked, pass } = createPollers(() => new Promise(() => {}));
    const leave = watch('a:1');
    watch('a:2');
    await pass(0);
    leave();
    await pass(3000);
    expect(asked.map(({ qrns }) => qrns)).toEqual([['a:1', 'a:2'], ['a:2']]);
  });

  test('reads those first that waited for the longest time', async () => {
    const { watch, asked, clock, pass } = createPollers((qrn, index) =>
      index > 0 ? new GatewayError('too-expensive', 'Too expensive.') : aReading(qrn, clock.now()),
    );
    for (const qrn of ['a:1', 'a:2', 'a:3']) watch(qrn);
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

  test('ends with the last subscriber, and sends nothing of the poll under way', async () => {
    const { pollers, watch, clock, asked, pass } = createPollers(async (qrn) => {
      await setImmediate();
      return aReading(qrn, 1);
    });
    const received: ReadOutcome[] = [];
    const unwatch = watch('a:1', (outcome) => received.push(outcome));
    clock.advance(INTERVAL_MS);
    unwatch();
    unwatch();
    expect([pollers.size, clock.pending, asked[0]?.scope.deadline?.signal.aborted]).toEqual([0, 0, true]);
    await pass();
    await pass();
    expect([received, clock.pending]).toEqual([[], 0]);
  });

  test('that has ended is followed by a new one', async () => {
    const { pollers, poller, watch } = createPollers((qrn) => aReading(qrn, 1));
    watch('a:1')();
    expect(pollers.pollerOf(KEY)).not.toBe(poller);
    const next = pollers.pollerOf(KEY);
    next.leave(next.watchJob('a:1', { client: '', onOutcome() {}, onDelay() {} }));
    expect(pollers.size).toBe(0);
  });

  test('schedules nothing more where one job ends the watch of all', async () => {
    const state = { status: 'RUNNING' };
    const { pollers, watch, clock, pass } = createPollers((qrn) => aReading(qrn, clock.now(), state));
    const leave: (() => void)[] = [];
    const receive = (outcome: ReadOutcome) => {
      if (statusOf(outcome) === 'FAILED') for (const unwatch of leave) unwatch();
    };
    leave.push(watch('a:1', receive), watch('a:2', receive));
    await pass(0);
    state.status = 'FAILED';
    await pass();
    expect([pollers.size, clock.pending]).toEqual([0, 0]);
  });
});

describe('a key poller that hears of news', () => {
  const [HOLD, FAILED] = [{ status: 'HOLD' }, { status: 'FAILED' }];

  test('sends what others have read, once, and asks the cache alone', async () => {
    const { watch, asked, looks, pass, hear } = createPollers((qrn) => aReading(qrn, 1));
    const received: string[] = [];
    watch('a:1', (outcome) => received.push(statusOf(outcome)));
    watch('a:2');
    await pass(0);
    await hear(['a:1', aReading('a:1', 2, HOLD)]);
    await hear();
    expect([received, asked.length]).toEqual([['RUNNING', 'HOLD'], 1]);
    expect(looks.map(({ qrns, scope }) => [qrns, scope.maxAgeMs, scope.operationBudget.limit])).toEqual([
      [['a:1', 'a:2'], 0, 0],
      [['a:1', 'a:2'], 0, 0],
    ]);
  });

  test('takes nothing that is older than what it knows', async () => {
    const { watch, pass, hear } = createPollers((qrn) => aReading(qrn, 5));
    const received: string[] = [];
    watch('a:1', (outcome) => received.push(statusOf(outcome)));
    await pass(0);
    await hear(['a:1', aReading('a:1', 4, HOLD)]);
    expect(received).toEqual(['RUNNING']);
  });

  test('polls an interval later where others have read all jobs, if one after the other', async () => {
    const { watch, asked, pass, hear } = createPollers((qrn) => aReading(qrn, 1));
    for (const qrn of ['a:1', 'a:2']) watch(qrn);
    await pass(0);
    await pass(1000);
    await hear(['a:1', aReading('a:1', 2)]);
    await pass(500);
    await hear(['a:2', aReading('a:2', 2)]);
    await pass(1999);
    expect(asked).toHaveLength(1);
    await pass(1);
    expect(asked).toHaveLength(2);
  });

  test.each<[what: string, news: readonly (readonly [qrn: string, outcome: ReadOutcome])[]]>([
    ['others have read only some of the jobs', [['a:1', aReading('a:1', 2)]]],
    [
      'others have read nothing since its own poll',
      [
        ['a:1', aReading('a:1', 1)],
        ['a:2', aReading('a:2', 1)],
      ],
    ],
  ])('polls when it would have where %s', async (_, news) => {
    const { watch, asked, pass, hear } = createPollers((qrn) => aReading(qrn, 1));
    for (const qrn of ['a:1', 'a:2']) watch(qrn);
    await pass(0);
    await pass(1000);
    await hear(...news);
    await pass(1000);
    expect(asked).toHaveLength(2);
  });

  test('polls when it would have where what others have read was news before', async () => {
    const { watch, asked, state, pass, hear } = createPollers((qrn) => aReading(qrn, 1));
    watch('a:1');
    await pass(0);
    await pass(500);
    state.seq = toSeq(2);
    await hear(['a:1', aReading('a:1', 2)]);
    await pass(500);
    await hear();
    await pass(1500);
    expect(asked).toHaveLength(2);
  });

  test('waits for no job that has ended and is not due', async () => {
    const { watch, asked, pass, hear } = createPollers((qrn) =>
      aReading(qrn, 1, qrn === 'a:2' ? FAILED : {}),
    );
    for (const qrn of ['a:1', 'a:2']) watch(qrn);
    await pass(0);
    await pass(1000);
    await hear(['a:1', aReading('a:1', 2)]);
    await pass(1999);
    expect(asked).toHaveLength(1);
  });

  test('gives up a job that others were refused, and reports nothing that only the cache did not have', async () => {
    const { watch, pass, hear } = createPollers((qrn) => aReading(qrn, 1));
    const received: string[] = [];
    for (const qrn of ['a:1', 'a:2']) watch(qrn, (outcome) => received.push(`${qrn} ${statusOf(outcome)}`));
    await pass(0);
    await hear(['a:1', new UpstreamError('not-found', 'gone')]);
    expect(received).toEqual(['a:1 RUNNING', 'a:2 RUNNING', 'a:1 gone']);
  });

  test('reports no fault of a look: a poll would, too', async () => {
    const { watch, pass, hear } = createPollers((qrn) => aReading(qrn, 1));
    const received: string[] = [];
    watch('a:1', (outcome) => received.push(statusOf(outcome)));
    await pass(0);
    await hear(['a:1', new TypeError('x is not a function')]);
    expect(received).toEqual(['RUNNING']);
  });

  test('is delayed no longer for a job that others could read, and still for the others', async () => {
    const { watchDelays, pass, hear } = createPollers(() => unavailable);
    const delays = watchDelays('a:1', 'a:2');
    await pass(0);
    await hear(['a:1', aReading('a:1', 1)]);
    expect(delays).toEqual([
      ['a:1', true],
      ['a:2', true],
      ['a:1', false],
    ]);
  });

  test('leaves jobs alone that are being read, and their delays', async () => {
    const { watch, watchDelays, looks, pass, hear } = createPollers(() => new Promise(() => {}));
    const received: string[] = [];
    watch('a:1', (outcome) => received.push(statusOf(outcome)));
    const delays = watchDelays('a:1');
    await pass(0);
    await pass(3000);
    await hear(['a:1', aReading('a:1', 1)]);
    expect([received, delays, looks.flatMap(({ qrns }) => qrns)]).toEqual([[], [['a:1', true]], []]);
  });

  test('tells at once of a key that others were refused', async () => {
    const outcomes = [aReading('a:1', 1)];
    const { pollers, watch, asked, clock, state, pass, hear } = createPollers(
      () => outcomes.shift() ?? new UpstreamError('unauthenticated', 'refused'),
    );
    const received: string[] = [];
    const unwatch = watch('a:1', (outcome) => {
      received.push(statusOf(outcome));
      if (outcome instanceof Error) unwatch();
    });
    await pass(0);
    await pass(500);
    state.partition = 1;
    await hear();
    expect([received, asked.length]).toEqual([['RUNNING', 'refused'], 2]);
    expect([pollers.size, clock.pending]).toEqual([0, 0]);
  });
});
