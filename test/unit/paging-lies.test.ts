import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ListPage } from '../../src/jobs/list-page.ts';
import { toSeq } from '../../src/jobs/seq.ts';
import type { PageRequest } from '../../src/upstream/job-list.ts';
import { toItem } from '../support/changing-list.ts';
import { createListClient, namesOf } from '../support/list-client.ts';
import { ANY_AGE } from '../support/stamp.ts';

/** `PAGING_RUNS` tries more. */
const numRuns = Number(process.env['PAGING_RUNS'] ?? 8);

/** What a faulty upstream makes of the page that it should give. */
type Lie = (page: ListPage, number: PageRequest, asked: number) => ListPage;

/** No page of a connection may cost more than this, whatever upstream says. */
const MAX_REQUESTS = 24;

const itemAt = (rank: number) =>
  toItem({ name: `q:${rank}`, rank, createdAtMs: 1e12 - rank * 1000, fault: 'none' });

/** A client of a list of so many jobs whose upstream lies. */
function openLyingList(length: number, lie: Lie) {
  let asked = 0;
  const page = (number: PageRequest): ListPage => {
    asked += 1;
    const start = (number.page - 1) * number.limit;
    const count = Math.max(0, Math.min(number.limit, length - start));
    const items = Array.from({ length: count }, (_, index) => itemAt(start + index));
    const seqs = { askedSeq: toSeq(asked), readSeq: toSeq(asked) };
    return lie({ items, total: length, ...seqs, ...ANY_AGE }, number, asked);
  };
  return createListClient([{ label: 'alice', list: { page, tick: 0 } }]);
}

const lies: [what: string, lie: Lie][] = [
  ['counts too many jobs', (page) => ({ ...page, total: page.total + 1000 })],
  ['counts too few jobs', (page) => ({ ...page, total: Math.floor(page.total / 2) })],
  ['counts none', (page) => ({ ...page, total: 0 })],
  ['counts differently each time', (page, _, asked) => ({ ...page, total: (asked * 7919) % 2000 })],
  ['gives shorter pages than it was asked for', (page) => ({ ...page, items: page.items.slice(0, 7) })],
  ['gives nothing but counts much', (page) => ({ ...page, items: [], total: 5000 })],
  [
    'gives each job twice',
    (page) => ({ ...page, items: page.items.map((_, index) => page.items[index >> 1] ?? itemAt(0)) }),
  ],
  [
    'gives the same page whatever it is asked for',
    (page, { limit }) => ({ ...page, items: Array.from({ length: limit }, (_, index) => itemAt(index)) }),
  ],
  [
    'gives other jobs each time',
    (page, _, asked) => ({ ...page, items: page.items.map((_, index) => itemAt(asked * 1000 + index)) }),
  ],
  [
    'gives its jobs in another order each time',
    (page, _, asked) => ({
      ...page,
      items: page.items.toSorted(
        (a, b) => ((a.identity.length * asked) % 3) - ((b.identity.length * asked) % 2),
      ),
    }),
  ],
  [
    'gives places without jobs',
    (page) => ({
      ...page,
      items: page.items.map((_, rank) => toItem({ name: '?', rank, createdAtMs: 0, fault: 'nameless' })),
    }),
  ],
  [
    'moves by a page each time',
    (page, _, asked) => ({
      ...page,
      items: page.items.map((_, index) => itemAt(5000 - asked * 100 + index)),
    }),
  ],
];

test.each(lies)(
  'an upstream that %s is asked 24 times at most, and no page repeats a job',
  async (_, lie) => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(0, 1, 60, 250, 1200),
        fc.array(fc.tuple(fc.constantFrom('forward', 'backward'), fc.constantFrom(0, 1, 50, 100, 500)), {
          minLength: 1,
          maxLength: 6,
        }),
        async (length, windows) => {
          const client = openLyingList(length, lie);
          let cursor: string | null = null;
          for (const [way, size] of windows) {
            const before = client.requests;
            const page = await client.read(
              way === 'forward' ? { first: size, after: cursor } : { last: size, before: cursor },
            );
            expect(client.requests - before).toBeLessThanOrEqual(MAX_REQUESTS);
            expect(page.edges.length).toBeLessThanOrEqual(size);
            const names = namesOf(page).filter((name) => name !== '?');
            expect(new Set(names).size).toBe(names.length);
            cursor = page.edges.at(way === 'forward' ? -1 : 0)?.cursor() ?? cursor;
          }
        },
      ),
      { numRuns },
    );
  },
);
