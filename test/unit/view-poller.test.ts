import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { ApiKey } from '../../src/auth/api-key.ts';
import { KeysFailedError } from '../../src/jobs/keys-failed-error.ts';
import { NEVER, type Seq, toNumber, toSeq } from '../../src/jobs/seq.ts';
import { GatewayError } from '../../src/lib/gateway-error.ts';
import { connectionKind } from '../../src/live/connection-kind.ts';
import { Pollers } from '../../src/live/pollers.ts';
import type { ReadView } from '../../src/live/view-poller.ts';
import { type ViewUpdate, watchView } from '../../src/live/watch-view.ts';
import type { JobConnectionView } from '../../src/paging/job-connection.ts';
import { UpstreamError } from '../../src/upstream/upstream-error.ts';
import { createNews } from '../support/create-news.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { scriptedStore } from '../support/scripted-store.ts';

const INTERVAL_MS = 2000;
const TEAM = ['alice', 'bob'];

/**
 * Streams over pages of two keys whose total a test sets, and that note each reading.
 *
 * @param isFleet Whether to look at the latest event is an event itself, as in a fleet.
 */
function openViews(isFleet = false) {
  const clock = createFakeClock();
  const state = { total: 1, isStale: false, seq: toSeq(1), readSeq: toSeq(1), partition: 0, content: 0 };
  const goOn = () => {
    state.seq = toSeq(toNumber(state.seq) + 1);
  };
  const latestSeq = (): Seq => {
    if (isFleet) goOn();
    return state.seq;
  };
  const news = createNews();
  const store = Object.defineProperties(
    scriptedStore(() => Promise.reject(new Error('No jobs are read here.')), { onNews: news.onNews }),
    {
      seq: { get: latestSeq },
      partitionOf: { value: () => state.partition },
      versionOf: { value: () => ({ content: state.content, reading: state.content }) },
    },
  );
  const pollers = new Pollers({
    store,
    clock,
    limits: { minIntervalMs: INTERVAL_MS, maxIntervalMs: 15_000 },
    random: () => 0,
  });
  const readings: { by: string; signal: AbortSignal; spared: readonly string[] }[] = [];
  const looks: string[] = [];
  const found: string[] = [];
  const held = { before: async () => {}, beforeCached: async () => {} };
  const failing: { label?: string } = {};
  const reader =
    (by: string, labels: readonly string[]): ReadView<JobConnectionView> =>
    async ({ signal, since = NEVER, onlyIfCached, failures }) => {
      if (!onlyIfCached) {
        readings.push({ by, signal, spared: (failures ?? []).map(({ label }) => label) });
        await held.before();
        goOn();
        state.readSeq = state.seq;
      } else {
        looks.push(by);
        await held.beforeCached();
        if (state.readSeq <= since) throw new GatewayError('too-expensive', 'Not cached.');
        found.push(by);
      }
      const sources = labels.map((key) => ({ key, result: key === failing.label ? UNAVAILABLE : 1 }));
      return {
        edges: [],
        hasNextPage: false,
        hasPreviousPage: false,
        totalCount: state.total,
        sources,
        isStale: state.isStale,
        fetchedAt: new Date(clock.now()),
      };
    };
  const open = (by: string, labels = TEAM, name = 'the first page') =>
    watchView({
      pollers,
      credentials: labels.map((label, index) => ({ label, key: new ApiKey(`${TEAM[index]}-key`) })),
      name,
      kind: connectionKind,
      read: reader(by, labels),
    });
  const pass = async (ms = INTERVAL_MS) => {
    clock.advance(ms);
    await setImmediate();
  };
  /** Others have read this page by now, unless nothing is said of it. */
  const hear = async (total?: number) => {
    goOn();
    if (total !== undefined) {
      state.total = total;
      state.readSeq = state.seq;
    }
    news.tell(new ApiKey('bob-key'));
    await setImmediate();
  };
  return { clock, state, pollers, readings, looks, found, held, failing, open, pass, hear };
}

const UNAVAILABLE = new UpstreamError('unavailable', 'Down.');

const notCached = () => Promise.reject(new GatewayError('too-expensive', 'Not cached.'));

const totalOf = ({ value }: IteratorResult<ViewUpdate<JobConnectionView>, undefined>) =>
  value === undefined || value instanceof Error ? value : value.totalCount;
const byOf = (readings: readonly { by: string }[]) => readings.map(({ by }) => by);

describe('a page of which something else was read while its last part was', () => {
  test('is shown as the cache has it by then', async () => {
    const { state, held, readings, looks, open } = openViews();
    held.before = async () => {
      state.content += 1;
    };
    held.beforeCached = async () => {
      state.total = 2;
    };
    expect([totalOf(await open('a').next()), byOf(readings), looks]).toEqual([2, ['a'], ['a']]);
  });

  test('is read anew where the cache has not all of it, but not with a key that has just failed', async () => {
    const { state, held, failing, readings, open } = openViews();
    failing.label = 'bob';
    held.before = async () => {
      if (readings.length === 1) state.content += 1;
      else state.total = 2;
    };
    held.beforeCached = notCached;
    expect(totalOf(await open('a').next())).toBe(2);
    expect(readings.map(({ spared }) => spared)).toEqual([[], ['bob']]);
  });

  test('is shown as it was read the second time, where that goes on', async () => {
    const { state, held, readings, open } = openViews();
    held.before = async () => {
      state.content += 1;
    };
    held.beforeCached = notCached;
    expect([totalOf(await open('a').next()), readings.length]).toEqual([1, 2]);
  });
});

describe('streams of one page', () => {
  test('share each reading, and each gets every change', async () => {
    const { state, readings, open, pass } = openViews();
    const streams = ['a', 'b', 'c'].map((by) => open(by));
    const firsts = await Promise.all(streams.map((stream) => stream.next()));
    state.total = 2;
    await pass();

    const seconds = await Promise.all(streams.map((stream) => stream.next()));

    expect([firsts, seconds].map((results) => results.map(totalOf))).toEqual([
      [1, 1, 1],
      [2, 2, 2],
    ]);
    expect(byOf(readings)).toEqual(['a', 'a']);
  });

  test('do not get a page again of which only the age is another, and see its age once anything else is', async () => {
    const { state, readings, open, pass } = openViews();
    const stream = open('a');
    const seen = [await stream.next()];
    state.isStale = true;
    await pass();
    await pass();
    state.total = 2;
    await pass();
    seen.push(await stream.next());
    expect(seen).toMatchObject([
      { value: { isStale: false, totalCount: 1 } },
      { value: { isStale: true, totalCount: 2 } },
    ]);
    expect(readings.length).toBeGreaterThan(2);
  });

  test('are read by another one once the first has left', async () => {
    const { readings, open, pass } = openViews();
    const [first, second] = [open('a'), open('b')];
    await Promise.all([first.next(), second.next()]);
    await first.return?.();
    await pass();
    expect(byOf(readings)).toEqual(['a', 'b']);
  });

  test('end their reading with the last of them, and leave no timer', async () => {
    const { clock, readings, held, open } = openViews();
    held.before = () => new Promise(() => {});
    const streams = [open('a'), open('b')];
    const nexts = streams.map((stream) => stream.next());
    await streams[0]?.return?.();
    const isAborted = [readings[0]?.signal.aborted];
    await streams[1]?.return?.();
    isAborted.push(readings[0]?.signal.aborted);
    expect([isAborted, readings.length, clock.pending]).toEqual([[false, true], 1, 0]);
    expect(await Promise.all(nexts)).toEqual(Array(2).fill({ done: true, value: undefined }));
  });

  test.each([
    ['page', ['alice', 'bob'], 'the second page'],
    ['labels', ['a', 'b'], 'the first page'],
    ['number of keys', ['alice'], 'the first page'],
  ])('are no other ones, by %s', async (_, labels, page) => {
    const { readings, open } = openViews();
    await open('a').next();
    await open('b', labels, page).next();
    expect(byOf(readings)).toEqual(['a', 'b']);
  });
});

describe('who comes later', () => {
  test.each<[what: string, change: (views: ReturnType<typeof openViews>) => unknown, readings: number]>([
    ['gets the last reading', ({ pass }) => pass(1999), 1],
    ['gets a new reading once something else was read', ({ state }) => (state.seq = toSeq(9)), 2],
    ['gets a new reading once a key was refused', ({ state }) => (state.partition = 1), 2],
  ])('%s', async (_, change, count) => {
    const views = openViews();
    await views.open('a').next();
    await change(views);
    expect(totalOf(await views.open('b').next())).toBe(1);
    expect(views.readings).toHaveLength(count);
  });

  test('gets a new reading once the last one is older than the shortest interval', async () => {
    const { state, readings, open, pass } = openViews();
    await open('a').next();
    // After a minute of quiet, polls come later than that.
    for (let passedMs = 0; passedMs < 120_000; passedMs += 500) await pass(500);
    const before = readings.length;
    while (readings.length === before) await pass(500);
    await pass(INTERVAL_MS + 500);
    state.total = 2;
    expect(totalOf(await open('b').next())).toBe(2);
    expect(readings.length).toBe(before + 2);
  });
});

test('a reading during which its key is refused is shown to nobody, and is made again', async () => {
  const { state, readings, held, open } = openViews();
  held.before = async () => {
    if (readings.length > 1) return;
    state.partition = 1;
    state.total = 2;
  };
  const totals = await Promise.all([open('a').next(), open('b').next()]);
  expect([totals.map(totalOf), readings.length]).toEqual([[2, 2], 2]);
});

test('a reading that was under way when a client changed something is shown to nobody, and another one begins at once', async () => {
  const { state, pollers, readings, held, open, pass } = openViews();
  const releases: (() => void)[] = [];
  held.before = () => new Promise((resolve) => releases.push(resolve));
  const stream = open('a');
  const first = stream.next();
  await pass(0);
  pollers.pollAnew(new ApiKey('alice-key'));
  expect(readings.length).toBe(2);
  releases[0]?.();
  await pass(0);
  state.total = 2;
  releases[1]?.();
  expect(totalOf(await first)).toBe(2);
});

test('a reading that was under way when a client changed something is not made again', async () => {
  const { state, pollers, readings, looks, held, open, pass } = openViews();
  const releases: (() => void)[] = [];
  held.before = () => new Promise((resolve) => releases.push(resolve));
  held.beforeCached = notCached;
  const first = open('a').next();
  await pass(0);
  state.content += 1;
  pollers.pollAnew(new ApiKey('alice-key'));
  for (const release of releases) release();
  await first;
  await pass(0);
  expect([readings.length, looks]).toEqual([2, []]);
});

describe('streams of a page that others have read', () => {
  test('get it, and no poll reads it before an interval has passed', async () => {
    const { readings, looks, open, pass, hear } = openViews();
    const streams = [open('a'), open('b')];
    await Promise.all(streams.map((stream) => stream.next()));
    await pass(1500);
    await hear(2);
    expect((await Promise.all(streams.map((stream) => stream.next()))).map(totalOf)).toEqual([2, 2]);
    await pass(1999);
    expect([byOf(readings), looks]).toEqual([['a'], ['a']]);
    await pass(1);
    expect(byOf(readings)).toEqual(['a', 'a']);
  });

  test('are polled when they would have been where something else was read', async () => {
    const { readings, open, pass, hear } = openViews();
    await open('a').next();
    await pass(500);
    await hear();
    await pass(1500);
    expect(readings).toHaveLength(2);
  });

  test('are polled when they would have been where something else was read after that', async () => {
    const { readings, open, pass, hear } = openViews();
    await open('a').next();
    await pass(500);
    await hear(1);
    await pass(500);
    await hear();
    await pass(1499);
    expect(readings).toHaveLength(1);
    await pass(1);
    expect(readings).toHaveLength(2);
  });

  test('are polled when they would have been where only one of two pages was read', async () => {
    const { held, readings, open, pass, hear } = openViews();
    await Promise.all([open('a').next(), open('b', TEAM, 'the second page').next()]);
    held.beforeCached = async () => {
      held.beforeCached = async () => Promise.reject(new Error('Not this one.'));
    };
    await pass(1000);
    await hear(2);
    await pass(1000);
    expect(byOf(readings)).toEqual(['a', 'b', 'a', 'b']);
  });

  test('take it once, and count it as read though another page was not', async () => {
    const { clock, pollers, readings, found, open, pass, hear } = openViews();
    await open('a').next();
    const timer = pollers.timerOf(TEAM.map((label) => new ApiKey(`${label}-key`)));
    const isRead = { other: false };
    timer.subscribe({ poll() {}, look: async () => isRead.other }, clock.now());
    await pass(500);
    await hear(2);
    await pass(500);
    isRead.other = true;
    await hear();
    await pass(1999);
    expect([found, readings.length]).toEqual([['a'], 1]);
  });

  test('hear of no failure of a look', async () => {
    const { held, looks, open, pass, hear } = openViews();
    const stream = open('a');
    await stream.next();
    await pass(0);
    const refused = new KeysFailedError([
      { label: 'alice', error: new UpstreamError('unauthenticated', 'refused') },
    ]);
    held.beforeCached = () => Promise.reject(refused);
    await hear(2);
    await pass();
    expect([totalOf(await stream.next()), looks]).toEqual([2, ['a']]);
  });

  test('get the page of a poll that came while it was looked for', async () => {
    const { state, held, open, pass, hear } = openViews();
    const stream = open('a');
    await stream.next();
    await pass(0);
    let look = () => {};
    held.beforeCached = () => new Promise((resolve) => (look = resolve));
    await hear(2);
    state.total = 3;
    await pass();
    expect(totalOf(await stream.next())).toBe(3);
    const next = stream.next();
    state.total = 2;
    look();
    await pass(0);
    state.total = 4;
    await pass();
    expect(totalOf(await next)).toBe(4);
  });

  test('are not looked for while a poll reads', async () => {
    const { held, looks, open, hear } = openViews();
    held.before = () => new Promise(() => {});
    open('a').next();
    await hear(2);
    expect(looks).toEqual([]);
  });

  test('are read again at once where a key was refused', async () => {
    const { state, readings, open, pass, hear } = openViews();
    const stream = open('a');
    await stream.next();
    await pass(500);
    state.partition = 1;
    await hear(2);
    expect([totalOf(await stream.next()), readings.length]).toEqual([2, 2]);
  });
});

test('a page that others have read is polled no later than it would be after a poll, also in a fleet', async () => {
  const { readings, open, pass, hear } = openViews(true);
  await open('a').next();
  await pass(1000);
  await hear(2);
  await pass(1900);
  // Something else was read with the key.
  await hear();
  await pass(300);
  expect(readings).toHaveLength(2);
});
