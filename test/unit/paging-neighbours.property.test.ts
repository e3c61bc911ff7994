import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PageArguments } from '../../src/paging/page-window.ts';
import { createListClient } from '../support/list-client.ts';
import { jobsOf, openList } from '../support/list-history.ts';

/** `PAGING_RUNS` tries more. */
const numRuns = Number(process.env['PAGING_RUNS'] ?? 100);

const BOOLEANS = { jobs: false, neighbours: true };

/** A client whose keys see every second job, and every third. */
function openClient(length: number, keyCount: number) {
  const jobs = jobsOf({ length, absentEvery: 0, tie: 1, order: 'newest-first', faultEvery: 0 });
  const keys = ['alice', 'bob'].slice(0, keyCount).map((label, key) => ({
    label,
    list: openList(
      jobs.filter(({ rank }) => rank % (key + 2) === 0),
      { absentEvery: 0 },
    ),
  }));
  return createListClient(keys);
}

const window = fc.record({
  length: fc.nat(200),
  keyCount: fc.integer({ min: 1, max: 2 }),
  isForward: fc.boolean(),
  size: fc.integer({ min: 0, max: 120 }),
  after: fc.option(fc.nat(300)),
  before: fc.option(fc.nat(300)),
});

test('the neighbours of a page are the same whether or not its jobs are asked for, and cost two requests at most', () =>
  fc.assert(
    fc.asyncProperty(window, async ({ length, keyCount, isForward, size, after, before }) => {
      const client = openClient(length, keyCount);
      const { edges } = await client.read({ first: 500 });
      const cursorAt = (at: number | null) =>
        at === null ? null : (edges[at % edges.length]?.cursor() ?? null);
      const between: PageArguments = { after: cursorAt(after), before: cursorAt(before) };
      const page: PageArguments = isForward ? { ...between, first: size } : { ...between, last: size };

      const whole = await client.read(page);
      const asked = client.requests;
      const booleans = await client.read(page, BOOLEANS);

      expect([booleans.hasPreviousPage, booleans.hasNextPage]).toEqual([
        whole.hasPreviousPage,
        whole.hasNextPage,
      ]);
      // Several keys may see the same jobs: then counting does not always tell.
      if (keyCount === 1) expect(client.requests - asked).toBeLessThanOrEqual(2);
    }),
    { numRuns },
  ));
