import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JobConnectionView } from '../../src/paging/job-connection.ts';
import type { ChangingList, ListedJob } from '../support/changing-list.ts';
import { createListClient, namesOf } from '../support/list-client.ts';
import {
  anyChanges,
  anyLength,
  anySizes,
  jobsOf,
  ListHistory,
  type ListShape,
  openList,
} from '../support/list-history.ts';

type Way = 'forward' | 'backward';
type Order = ListShape['order'];

const story = (order: Order) =>
  fc.record({
    order: fc.constant(order),
    length: anyLength,
    absentEvery: fc.constantFrom(0, 3, 10),
    tie: order === 'none' ? fc.constant(1) : fc.constantFrom(1, 1, 2, 5, 40, 2000),
    faultEvery: fc.constantFrom(0, 0, 0, 2, 5),
    changes: anyChanges,
    sizes: anySizes,
    caches: fc.boolean(),
    /** Decides where a client that goes to and fro reads on. */
    dice: fc.infiniteStream(fc.nat(1000)),
  });

type Story = ReturnType<typeof story> extends fc.Arbitrary<infer Value> ? Value : never;

/** `PAGING_RUNS` tries more. */
const numRuns = Number(process.env['PAGING_RUNS'] ?? 20);

const holds = (order: Order, property: (each: Story) => Promise<void>) =>
  fc.assert(fc.asyncProperty(story(order), property), { numRuns });

/** A place that a client may read on from. */
interface Edge {
  readonly cursor: string;
  readonly job: ListedJob;
  /** When the newest of the page was read that it comes from. */
  readonly tick: number;
  /** Whether nothing happened while that page was read. */
  readonly isQuiet: boolean;
}

/** One page, and what is to know in order to judge it. */
interface Page {
  readonly way: Way;
  readonly size: number;
  readonly from: Edge | null;
  readonly jobs: readonly ListedJob[];
  readonly edges: readonly Edge[];
  readonly view: JobConnectionView;
  /** Since when a job must have been in the list to be owed to the client. */
  readonly since: number;
  /** Whether nothing happened to the list while the page was read, and none of it came from the cache. */
  readonly isQuiet: boolean;
  readonly hasMore: boolean;
}

/** A client of a list, and what happens to the list. */
interface Reader {
  readonly story: Story;
  readonly list: ChangingList;
  readonly history: ListHistory;
  read(way: Way, size: number, from: Edge | null): Promise<Page>;
}

function openReader(each: Story): Reader {
  const jobs = new Map(jobsOf(each).map((job) => [job.name, job]));
  const list = openList([...jobs.values()], each);
  const history = new ListHistory(each.changes);
  const client = createListClient([{ label: 'alice', list, beforePage: () => history.next(list) }], each);
  return {
    story: each,
    list,
    history,
    async read(way, size, from) {
      history.near = from?.job ?? null;
      const { tick } = list;
      const cursor = from?.cursor;
      const window = way === 'forward' ? { first: size, after: cursor } : { last: size, before: cursor };
      const view = await client.read(window);
      const read = namesOf(view).map((name) => jobs.get(name) as ListedJob);
      const isQuiet = list.tick === tick && !each.caches;
      return {
        way,
        size,
        from,
        view,
        jobs: read,
        edges: view.edges.map((edge, index) => ({
          cursor: edge.cursor(),
          job: read[index] as ListedJob,
          tick: Math.max(from?.tick ?? 0, client.readTick),
          isQuiet,
        })),
        // Without a cursor, what is cached may be as old as the list.
        since: from?.tick ?? (each.caches ? 0 : tick),
        isQuiet,
        hasMore: way === 'forward' ? view.hasNextPage : view.hasPreviousPage,
      };
    },
  };
}

/** What stands beyond the place that a page was read from, in the direction of reading. */
function beyond({ way, from }: Page, jobs: readonly ListedJob[]): readonly ListedJob[] {
  const inWay = way === 'forward' ? jobs : jobs.toReversed();
  if (from === null) return inWay;
  return inWay.filter(({ rank }) => (way === 'forward' ? rank > from.job.rank : rank < from.job.rank));
}

/** Whether a job can be told from all others: of what has no name, only while nothing changes. */
function isTellable({ list }: Reader, { fault }: ListedJob, since: number): boolean {
  return fault !== 'nameless' || list.tick === since;
}

/**
 * Whether the place that a page was read from can be found again for sure: its own job is there, or at least it has a
 * time, and the list the order of time. If it is neither, the place may be lost with the jobs around it.
 */
function isFindable(reader: Reader, from: Edge | null): boolean {
  if (from === null) return true;
  const { list, story } = reader;
  if (!isTellable(reader, from.job, from.isQuiet ? from.tick : Number.NaN)) return false;
  return list.isSteady(from.job, from.tick) || (story.order !== 'none' && from.job.fault === 'none');
}

/** Whether a job may be given again: only if the job of the cursor has left, and no time tells them apart. */
function mayRepeat({ list }: Reader, { from }: Page, { createdAtMs, fault }: ListedJob): boolean {
  if (from === null || list.isSteady(from.job, from.tick)) return false;
  const momentsMs = list.present.filter((job) => job.fault === 'none').map((job) => job.createdAtMs);
  return fault !== 'none' || createdAtMs === from.job.createdAtMs || new Set(momentsMs).size < 2;
}

/** What is true of every page, whatever happens to the list. */
function expectPage(reader: Reader, page: Page): void {
  const { list } = reader;
  const { size, from, jobs, since, hasMore } = page;
  const ranks = jobs.map(({ rank }) => rank);
  expect(ranks, 'in order, and none twice').toEqual([...new Set(ranks)].sort((a, b) => a - b));
  expect(jobs.length).toBeLessThanOrEqual(size);
  if (!isFindable(reader, from)) return;

  const isOwed = (job: ListedJob) => list.isSteady(job, since) && isTellable(reader, job, since);
  const owed = beyond(page, list.present).filter(isOwed);
  const given = beyond(page, jobs).filter(isOwed);
  expect(given, 'what stayed, from the cursor on').toEqual(owed.slice(0, given.length));
  if (!hasMore) expect(given.length, 'all of it, where nothing follows').toBe(owed.length);
  if (hasMore && size > 0) expect(jobs.length, 'a way on, where something follows').toBeGreaterThan(0);

  const again = jobs.filter((job) => isOwed(job) && beyond(page, [job]).length === 0);
  expect(
    again.filter((job) => !mayRepeat(reader, page, job)),
    'nothing again',
  ).toEqual([]);
}

/** What is true of a page during which nothing happened: it is what the list holds there, and knows what lies around. */
function expectExactPage(reader: Reader, page: Page): void {
  const { list } = reader;
  const { way, size, from, jobs, view, isQuiet } = page;
  const isSteady = from === null || (list.isSteady(from.job, from.tick) && isFindable(reader, from));
  if (!isQuiet || !isSteady) return;
  expect(way === 'forward' ? jobs : jobs.toReversed()).toEqual(beyond(page, list.present).slice(0, size));
  expect(view.totalCount).toBe(list.present.length);
  const [first, last] = [jobs[0], jobs.at(-1)];
  if (first === undefined || last === undefined) return;
  expect(view.hasPreviousPage).toBe(list.present.some(({ rank }) => rank < first.rank));
  expect(view.hasNextPage).toBe(list.present.some(({ rank }) => rank > last.rank));
}

/** In a list without order, a place can only be found by its jobs. */
function hold({ story, history }: Reader, edge: Edge): void {
  if (story.order === 'none') history.held.add(edge.job);
}

/** A client that reads on from wherever it has been, in either direction. */
async function wander(each: Story, judge: (reader: Reader, page: Page) => void): Promise<void> {
  const reader = openReader(each);
  const edges: Edge[] = [];
  const dice = () => each.dice.next().value ?? 0;
  for (const size of [...each.sizes, 0, 1, ...each.sizes]) {
    const from = dice() < 900 ? (edges[dice() % Math.max(1, edges.length)] ?? null) : null;
    const page = await reader.read(dice() % 2 === 0 ? 'forward' : 'backward', size, from);
    judge(reader, page);
    for (const edge of page.edges.filter((_, index) => index === 0 || index === page.edges.length - 1)) {
      edges.push(edge);
      hold(reader, edge);
    }
  }
}

/** A client that reads the whole list, one way. */
async function walk(reader: Reader, way: Way): Promise<readonly Page[]> {
  const { sizes } = reader.story;
  const pages: Page[] = [];
  for (let from: Edge | null = null; ; ) {
    const page: Page = await reader.read(way, sizes[pages.length % sizes.length] ?? 50, from);
    pages.push(page);
    const edge = way === 'forward' ? page.edges.at(-1) : page.edges[0];
    if (!page.hasMore || edge === undefined) return pages;
    hold(reader, edge);
    from = edge;
  }
}

const orders: Order[] = ['newest-first', 'oldest-first', 'none'];

describe.each(orders)('in a list in the order %s', (order) => {
  test('a page holds what stayed since its cursor was given, from there on', () =>
    holds(order, (each) => wander(each, expectPage)));

  test('a page that is read in peace is exact, and so is what it knows of its neighbours', () =>
    holds(order, (each) => wander(each, expectExactPage)));

  test.each<Way>(['forward', 'backward'])('a walk %s sees what stays exactly once', (way) =>
    holds(order, async (each) => {
      const reader = openReader({ ...each, faultEvery: 0 });
      const pages = await walk(reader, way);
      const seen = pages.flatMap(({ jobs }) => jobs);
      const stayed = reader.list.present.filter((job) => reader.list.isSteady(job, 0));
      const counts = stayed.map((job) => seen.filter((each) => each === job).length);
      expect(counts.filter((count) => count === 0)).toEqual([]);
      // Where times tie, and all jobs around a place have left, some may come twice.
      if (each.tie === 1) expect(counts.filter((count) => count > 1)).toEqual([]);
    }),
  );
});
