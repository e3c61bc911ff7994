import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ChangingList, type ListedJob } from '../support/changing-list.ts';
import { createListClient, type ListedKey, namesOf } from '../support/list-client.ts';

/** What happens to a list between two of its pages, whoever asks for them. */
const change = fc.record({
  kind: fc.constantFrom('submit', 'leave', 'enter'),
  at: fc.nat(10_000),
  count: fc.integer({ min: 1, max: 30 }),
});

const history = fc.record({
  length: fc.nat(900),
  changes: fc.array(fc.option(change, { nil: null }), { maxLength: 40 }),
  sizes: fc.array(fc.constantFrom(1, 2, 7, 49, 50, 51, 99, 100, 101, 250, 500), {
    minLength: 1,
    maxLength: 6,
  }),
});

type History = typeof history extends fc.Arbitrary<infer Value> ? Value : never;
type Way = 'forward' | 'backward';

/** Jobs that are not there at first, to be submitted at the head. */
const UNSUBMITTED = 300;

/** A list in which every tenth job is absent at first, and what happens to it right before each page. */
function listOf({ length, changes }: History, label = 'alice', orderOfTime = 1): ListedKey {
  const jobs = Array.from({ length: UNSUBMITTED + length }, (_, rank) => ({
    name: `${label}:${rank}`,
    rank,
    createdAtMs: 1e12 - orderOfTime * rank * 1000,
    fault: 'none' as const,
  }));
  const list = new ChangingList(jobs, ({ rank }) => rank >= UNSUBMITTED && rank % 10 !== 3);
  const coming = [...changes];
  return { label, list, beforePage: () => apply(list, coming.shift() ?? null) };
}

function apply(list: ChangingList, change: History['changes'][number]): void {
  if (change === null) return;
  const { kind, at, count } = change;
  for (let index = 0; index < count; index += 1) {
    if (kind === 'leave') pick(list.present, at + index * 3, (job) => list.leave(job));
    if (kind === 'enter') pick(list.absent.filter(isOld), at + index * 7, (job) => list.enter(job));
    if (kind === 'submit') pick(list.absent.filter(isNew).slice(-1), 0, (job) => list.enter(job));
  }
}

function isOld({ rank }: ListedJob): boolean {
  return rank >= UNSUBMITTED;
}

function isNew(job: ListedJob): boolean {
  return !isOld(job);
}

function pick(jobs: readonly ListedJob[], at: number, act: (job: ListedJob) => void): void {
  const job = jobs[at % Math.max(1, jobs.length)];
  if (job !== undefined) act(job);
}

/** The names of all that a client sees that walks the whole list one way, in the order of the list. */
async function walk(
  keys: readonly ListedKey[],
  way: Way,
  sizes: readonly number[],
): Promise<readonly string[]> {
  const client = createListClient(keys);
  const pages: (readonly string[])[] = [];
  let cursor: string | null = null;
  for (let page = 0; ; page += 1) {
    const size = sizes[page % sizes.length] ?? 50;
    const window = way === 'forward' ? { first: size, after: cursor } : { last: size, before: cursor };
    const connection = await client.read(window);
    pages.push(namesOf(connection));
    const hasMore = way === 'forward' ? connection.hasNextPage : connection.hasPreviousPage;
    if (!hasMore) break;
    cursor = connection.edges.at(way === 'forward' ? -1 : 0)?.cursor() ?? null;
  }
  return (way === 'forward' ? pages : pages.reverse()).flat();
}

/** The jobs that have been in a list since the walk began. */
function steadyOf({ list }: ListedKey): readonly string[] {
  return list.present.filter((job) => list.isSteady(job, 0)).map(({ name }) => name);
}

/** Bounded in time as well: on a slow machine fewer histories are tried, not longer. */
const budget = { numRuns: 100, interruptAfterTimeLimit: 4000, markInterruptAsFailure: false };

function holds(property: (history: History) => Promise<void>) {
  return fc.assert(fc.asyncProperty(history, property), budget);
}

/** A walk saw all that stayed, exactly once and in the order of the list. */
function expectSteady(seen: readonly string[], keys: readonly ListedKey[]): void {
  for (const key of keys) {
    const steady = new Set(steadyOf(key));
    expect(seen.filter((name) => steady.has(name))).toEqual([...steady]);
  }
}

describe.each<Way>(['forward', 'backward'])('a walk %s through a changing list', (way) => {
  test('sees every job that stays exactly once, in order', () =>
    holds(async (each) => {
      const key = listOf(each);
      expectSteady(await walk([key], way, each.sizes), [key]);
    }));

  test('does so over two keys, with the changes of each', () =>
    holds(async (each) => {
      const keys = [listOf(each, 'alice'), listOf({ ...each, changes: each.changes.toReversed() }, 'bob')];
      expectSteady(await walk(keys, way, each.sizes), keys);
    }));

  test('does so where the oldest job comes first', () =>
    holds(async (each) => {
      const key = listOf(each, 'alice', -1);
      expectSteady(await walk([key], way, each.sizes), [key]);
    }));

  test('repeats no job where jobs are submitted, and some leave', () =>
    holds(async (each) => {
      const changes = each.changes.map((next) =>
        next?.kind === 'submit' ? next : next && { ...next, count: Math.min(next.count, 3) },
      );
      const seen = await walk([listOf({ ...each, changes })], way, each.sizes);
      expect(new Set(seen).size).toBe(seen.length);
    }));
});

test('backward gives the same sequence as forward where nothing changes', () =>
  holds(async (each) => {
    const keys = ['alice', 'bob'].map((label) => listOf({ ...each, changes: [] }, label));
    expect(await walk(keys, 'backward', each.sizes)).toEqual(await walk(keys, 'forward', each.sizes));
  }));
