import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { ApiKey } from '../../src/auth/api-key.ts';
import { type Seq, toSeq } from '../../src/jobs/seq.ts';
import type { ReadList } from '../../src/live/list-poller.ts';
import { Pollers } from '../../src/live/pollers.ts';
import { type ListUpdate, watchList } from '../../src/live/watch-list.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { scriptedStore } from '../support/scripted-store.ts';

const INTERVAL_MS = 2000;
const TEAM = ['alice', 'bob'];

/** Streams over pages of two keys whose total a test sets, and that note each reading. */
function openLists() {
  const clock = createFakeClock();
  const state = { total: 1, seq: toSeq(1), partition: 0 };
  const store = Object.defineProperties(
    scriptedStore(() => Promise.reject(new Error('No jobs are read here.'))),
    { seq: { get: (): Seq => state.seq }, partitionOf: { value: () => state.partition } },
  );
  const pollers = new Pollers({
    store,
    clock,
    limits: { minIntervalMs: INTERVAL_MS, maxIntervalMs: 15_000 },
  });
  const readings: { by: string; signal: AbortSignal }[] = [];
  const held = { before: async () => {} };
  const reader =
    (by: string, labels: readonly string[]): ReadList =>
    async ({ signal }) => {
      readings.push({ by, signal });
      await held.before();
      const sources = labels.map((key) => ({ key, result: 1 }));
      const page = {
        edges: [],
        hasNextPage: false,
        hasPreviousPage: false,
        totalCount: state.total,
        sources,
      };
      return { page, isStale: false };
    };
  const open = (by: string, labels = TEAM, page = 'the first page') =>
    watchList({
      pollers,
      credentials: labels.map((label, index) => ({ label, key: new ApiKey(`${TEAM[index]}-key`) })),
      page,
      read: reader(by, labels),
    });
  const pass = async (ms = INTERVAL_MS) => {
    clock.advance(ms);
    await setImmediate();
  };
  return { clock, state, pollers, readings, held, open, pass };
}

const totalOf = ({ value }: IteratorResult<ListUpdate, undefined>) =>
  value === undefined || value instanceof Error ? value : value.page.totalCount;
const byOf = (readings: readonly { by: string }[]) => readings.map(({ by }) => by);

describe('streams of one page', () => {
  test('share each reading, and each gets every change', async () => {
    const { state, readings, open, pass } = openLists();
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

  test('are read by another one once the first has left', async () => {
    const { readings, open, pass } = openLists();
    const [first, second] = [open('a'), open('b')];
    await Promise.all([first.next(), second.next()]);
    await first.return?.();
    await pass();
    expect(byOf(readings)).toEqual(['a', 'b']);
  });

  test('end their reading with the last of them, and leave no timer', async () => {
    const { clock, readings, held, open } = openLists();
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
    const { readings, open } = openLists();
    await open('a').next();
    await open('b', labels, page).next();
    expect(byOf(readings)).toEqual(['a', 'b']);
  });
});

describe('who comes later', () => {
  test.each<[what: string, change: (lists: ReturnType<typeof openLists>) => unknown, readings: number]>([
    ['gets the last reading', ({ pass }) => pass(1999), 1],
    ['gets a new reading once something else was read', ({ state }) => (state.seq = toSeq(2)), 2],
    ['gets a new reading once a key was refused', ({ state }) => (state.partition = 1), 2],
  ])('%s', async (_, change, count) => {
    const lists = openLists();
    await lists.open('a').next();
    await change(lists);
    expect(totalOf(await lists.open('b').next())).toBe(1);
    expect(lists.readings).toHaveLength(count);
  });

  test('gets a new reading once the last one is older than the shortest interval', async () => {
    const { state, readings, open, pass } = openLists();
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
  const { state, readings, held, open } = openLists();
  held.before = async () => {
    if (readings.length > 1) return;
    state.partition = 1;
    state.total = 2;
  };
  const totals = await Promise.all([open('a').next(), open('b').next()]);
  expect([totals.map(totalOf), readings.length]).toEqual([[2, 2], 2]);
});
