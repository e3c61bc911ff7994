import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ListItem, ListPage } from '../../src/jobs/list-page.ts';
import { NEVER } from '../../src/jobs/seq.ts';
import { UpstreamError } from '../../src/upstream/upstream-error.ts';
import { toItem } from '../support/changing-list.ts';
import { createListClient, type ListClient, walkList } from '../support/list-client.ts';
import { anySizes, jobsOf } from '../support/list-history.ts';
import { ANY_AGE } from '../support/stamp.ts';

/** `PAGING_RUNS` tries more. */
const numRuns = Number(process.env['PAGING_RUNS'] ?? 20);

const LABELS = ['alice', 'bob', 'carol'];

/** Lists of several keys that share jobs. Their times are in no order, or are not sent. */
const story = fc.record({
  length: fc.nat(400),
  keys: fc.integer({ min: 2, max: LABELS.length }),
  /** Of ten jobs, so many are in the list of each key besides its own. */
  shared: fc.integer({ min: 1, max: 10 }),
  hasTimes: fc.boolean(),
  sizes: anySizes,
});

type Story = typeof story extends fc.Arbitrary<infer Value> ? Value : never;

function withoutTime(item: ListItem): ListItem {
  if (item.job instanceof UpstreamError) return item;
  return { ...item, job: { ...item.job, job: { ...item.job.job, createdAt: null } } };
}

function listsOf({ length, keys, shared, hasTimes }: Story): readonly (readonly ListItem[])[] {
  const jobs = jobsOf({ length, absentEvery: 0, tie: 1, order: 'none', faultEvery: 0 });
  return LABELS.slice(0, keys).map((_, key) =>
    jobs
      .filter(({ rank }) => rank % keys === key || ((rank * 31 + key * 17) * 7919) % 10 < shared)
      .map(toItem)
      .map((item) => (hasTimes ? item : withoutTime(item))),
  );
}

function openLists(lists: readonly (readonly ListItem[])[]): ListClient {
  return createListClient(
    lists.map((items, key) => ({
      label: LABELS[key] ?? '',
      list: {
        tick: 0,
        page: ({ page, limit }): ListPage => ({
          items: items.slice((page - 1) * limit, page * limit),
          total: items.length,
          askedSeq: NEVER,
          readSeq: NEVER,
          ...ANY_AGE,
        }),
      },
    })),
  );
}

test.each([
  ['forward', true],
  ['backward', false],
])(
  'a walk %s over lists without an order of time gives each job, once on a page, and once for each key at most',
  (_, isForward) =>
    fc.assert(
      fc.asyncProperty(story, async (each) => {
        const lists = listsOf(each).map((items) => items.map(({ identity }) => identity));
        const pages = await walkList(openLists(listsOf(each)), isForward, each.sizes);
        const counts = new Map<string, number>();
        for (const name of pages.flat()) counts.set(name, (counts.get(name) ?? 0) + 1);

        expect(pages.filter((names) => new Set(names).size < names.length)).toEqual([]);
        const names = [...new Set(lists.flat())];
        const holders = (name: string) => lists.filter((list) => list.includes(name)).length;
        expect(names.filter((name) => !counts.has(name))).toEqual([]);
        expect(names.filter((name) => (counts.get(name) ?? 0) > holders(name))).toEqual([]);
      }),
      { numRuns },
    ),
);
