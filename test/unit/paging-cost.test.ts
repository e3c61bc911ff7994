import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NEVER } from '../../src/jobs/seq.ts';
import type { PageArguments } from '../../src/paging/page-window.ts';
import type { ConnectionWants } from '../../src/paging/read-connection.ts';
import type { PageRequest } from '../../src/upstream/job-list.ts';
import { ChangingList, toItem } from '../support/changing-list.ts';
import { createListClient, namesOf } from '../support/list-client.ts';
import { ANY_AGE } from '../support/stamp.ts';

const EVERYTHING = { jobs: true, neighbours: true };

/** What a page costs from the 1,000th of 3,000 jobs, after `change` has happened to the list. */
async function costOf(
  page: PageArguments,
  wants: ConnectionWants,
  change: (list: ChangingList) => void = () => {},
  isFromCursor = true,
): Promise<number> {
  const jobs = Array.from({ length: 3100 }, (_, rank) => ({
    name: `q:${rank}`,
    rank,
    createdAtMs: 1e12 - rank * 1000,
    fault: 'none' as const,
  }));
  const list = new ChangingList(jobs, ({ rank }) => rank >= 100);
  const client = createListClient([{ label: 'alice', list }]);
  let cursor: string | null = null;
  for (let read = 0; isFromCursor && read < 2; read += 1) {
    const { edges } = await client.read({ first: 500, after: cursor });
    cursor = edges.at(-1)?.cursor() ?? null;
  }
  change(list);
  const before = client.requests;
  await client.read({ ...page, ...(cursor === null ? {} : { after: cursor }) }, wants);
  return client.requests - before;
}

const quiet = (first: number) => costOf({ first }, EVERYTHING);
const drifted = (change: (list: ChangingList) => void, first = 50) => costOf({ first }, EVERYTHING, change);

function insert(list: ChangingList, count: number): void {
  for (const job of list.absent.slice(-count)) list.enter(job);
}

function remove(list: ChangingList, count: number): void {
  for (const job of list.present.slice(200, 200 + count)) list.leave(job);
}

test('a page costs what the documentation says', async () => {
  const rows: [what: string, requests: number][] = [
    ['`totalCount` alone', await costOf({}, { jobs: false, neighbours: false }, undefined, false)],
    ['`hasNextPage` alone', await costOf({}, { jobs: false, neighbours: true }, undefined, false)],
    ['`hasNextPage` alone, from a cursor', await costOf({}, { jobs: false, neighbours: true })],
    ['the first 50 jobs', await costOf({ first: 50 }, EVERYTHING, undefined, false)],
    ['the first 500 jobs', await costOf({ first: 500 }, EVERYTHING, undefined, false)],
    ['the last 50 jobs', await costOf({ last: 50 }, EVERYTHING, undefined, false)],
    ['10 jobs from a cursor', await quiet(10)],
    ['50 jobs from a cursor', await quiet(50)],
    ['99 jobs from a cursor', await quiet(99)],
    ['250 jobs from a cursor', await quiet(250)],
    ['500 jobs from a cursor', await quiet(500)],
    ['50 jobs, after 30 were submitted', await drifted((list) => insert(list, 30))],
    ['50 jobs, after 30 left the list', await drifted((list) => remove(list, 30))],
    [
      '50 jobs, after 30 were submitted and 30 others left',
      await drifted((list) => {
        insert(list, 30);
        remove(list, 30);
      }),
    ],
    ['500 jobs, after 30 were submitted', await drifted((list) => insert(list, 30), 500)],
  ];
  const table = [
    '| what is asked for | requests |',
    '| --- | ---: |',
    ...rows.map((row) => `| ${row.join(' | ')} |`),
  ];
  console.log(`\n${table.join('\n')}\n`);
  expect(readFileSync('docs/pagination.md', 'utf8')).toContain(table.join('\n'));
});

/** `PAGING_RUNS` tries more. */
const numRuns = Number(process.env['PAGING_RUNS'] ?? 40);

/** Jobs in the order of a list. Those that it holds are a part of them. */
const items = Array.from({ length: 4000 }, (_, rank) =>
  toItem({ name: `q:${rank}`, rank, createdAtMs: 1e12 - rank * 1000, fault: 'none' }),
);

/** How far a list moves: by so many jobs in front of a cursor, and so many behind it. */
const drift = fc.record({
  at: fc.integer({ min: 100, max: 2999 }),
  inFront: fc.integer({ min: -50, max: 50 }),
  behind: fc.integer({ min: -50, max: 50 }),
  isTold: fc.boolean(),
  isForward: fc.boolean(),
});

test('500 jobs cost eight requests at most where the list has moved by up to 50 jobs', async () => {
  let held = items.slice(50, 3950);
  const page = ({ page: number, limit }: PageRequest) => ({
    items: held.slice((number - 1) * limit, number * limit),
    total: held.length,
    askedSeq: NEVER,
    readSeq: NEVER,
    ...ANY_AGE,
  });
  const client = createListClient([{ label: 'alice', list: { page, tick: 0 } }]);
  const cursors: string[] = [];
  while (cursors.length < 3000) {
    const { edges } = await client.read({ first: 500, after: cursors.at(-1) });
    cursors.push(...edges.map(({ cursor }) => cursor()));
  }
  await fc.assert(
    fc.asyncProperty(drift, async ({ at, inFront, behind, isTold, isForward }) => {
      // A total that does not change tells nothing of what has moved.
      held = items.slice(50 - inFront, 3950 + (isTold ? behind : -inFront));
      const before = client.requests;
      const cursor = cursors[at];
      await client.read(isForward ? { first: 500, after: cursor } : { last: 500, before: cursor });
      expect(client.requests - before).toBeLessThanOrEqual(8);
    }),
    // Here the window that was read begins right where the total says that the cursor stands now.
    { numRuns, examples: [[{ at: 1146, inFront: -10, behind: 3, isTold: true, isForward: true }]] },
  );
});

/** Where a job stands when its cursor is given, and where it stands later. */
const move = fc.record({
  from: fc.integer({ min: 0, max: 999 }),
  to: fc.integer({ min: 0, max: 989 }),
  length: fc.constantFrom(300, 450, 1000),
  isForward: fc.boolean(),
});

test('a cursor finds its place wherever it has moved, for twelve requests at most', async () => {
  await fc.assert(
    fc.asyncProperty(move, async ({ length, isForward, ...places }) => {
      const [from, to] = [places.from % length, 5 + (places.to % (length - 10))];
      let first = 1500;
      const page = ({ page: number, limit }: PageRequest) => ({
        items: items.slice(first, first + length).slice((number - 1) * limit, number * limit),
        total: length,
        askedSeq: NEVER,
        readSeq: NEVER,
        ...ANY_AGE,
      });
      const client = createListClient([{ label: 'alice', list: { page, tick: 0 } }]);
      const pages = [await client.read({ first: 500 }), await client.read({ last: 500 })];
      const edges = pages.flatMap((each) => each.edges);
      const cursor = edges.at(from < 500 ? from : from - length)?.cursor();
      const before = client.requests;

      first += from - to;
      const read = await client.read(isForward ? { first: 5, after: cursor } : { last: 5, before: cursor });

      const rank = 1500 + from;
      const ranks = [1, 2, 3, 4, 5].map((step) => (isForward ? rank + step : rank - 6 + step));
      expect(namesOf(read)).toEqual(ranks.map((each) => `q:${each}`));
      expect(client.requests - before).toBeLessThanOrEqual(12);
    }),
    // Here a page that overlaps what was read by half begins where that begins.
    { numRuns, examples: [[{ from: 204, to: 4, length: 300, isForward: false }]] },
  );
});
