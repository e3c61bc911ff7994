import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ListPage } from '../../src/jobs/list-page.ts';
import { toSeq } from '../../src/jobs/seq.ts';
import type { PageRequest } from '../../src/upstream/job-list.ts';
import { toItem } from '../support/changing-list.ts';
import { createListClient, type ListClient, walkList } from '../support/list-client.ts';
import { anySizes } from '../support/list-history.ts';
import { ANY_AGE } from '../support/stamp.ts';

/** `PAGING_RUNS` tries more. */
const numRuns = Number(process.env['PAGING_RUNS'] ?? 40);

/** At most two rows of a page lack: more, and the decoder refuses the page. */
const story = fc.record({
  length: fc.nat(700),
  /** The first lacking row of each hundred, if any. */
  lacking: fc.array(fc.option(fc.nat(97)), { minLength: 7, maxLength: 7 }),
  /** How many rows lack there. */
  count: fc.constantFrom(1, 2),
  /** Whether the rows lack on every second page only. */
  flickers: fc.boolean(),
  sizes: anySizes,
});

type Story = typeof story extends fc.Arbitrary<infer Value> ? Value : never;

const nameOf = (rank: number) => `q:${rank}`;

/** The ranks that lack: pairs further apart than a page is long. */
function lackingRanks({ lacking, count }: Story): ReadonlySet<number> {
  const firsts = lacking.flatMap((rank, hundred) =>
    rank === null || hundred % 2 === 1 ? [] : [hundred * 100 + rank],
  );
  return new Set(firsts.flatMap((first) => Array.from({ length: count }, (_, index) => first + index)));
}

function openList(each: Story): ListClient {
  const lacking = lackingRanks(each);
  let asked = 0;
  const page = ({ page: number, limit }: PageRequest): ListPage => {
    asked += 1;
    const start = (number - 1) * limit;
    const count = Math.max(0, Math.min(limit, each.length - start));
    const all = Array.from({ length: count }, (_, index) => start + index);
    const some = each.flickers && asked % 2 === 1 ? all : all.filter((rank) => !lacking.has(rank));
    // The decoder refuses a page that lacks all of its rows.
    const ranks = some.length === 0 ? all : some;
    const items = ranks.map((rank) =>
      toItem({ name: nameOf(rank), rank, createdAtMs: 1e12 - rank * 1000, fault: 'none' }),
    );
    return { items, total: each.length, askedSeq: toSeq(asked), readSeq: toSeq(asked), ...ANY_AGE };
  };
  return createListClient([{ label: 'alice', list: { page, tick: 0 } }]);
}

test.each([
  ['forward', true],
  ['backward', false],
])(
  'a walk %s over pages that lack one or two rows sees every other job exactly once, in order',
  (_, isForward) =>
    fc.assert(
      fc.asyncProperty(story, async (each) => {
        const pages = await walkList(openList(each), isForward, each.sizes);
        const seen = (isForward ? pages : pages.toReversed()).flat();
        const lacking = new Set([...lackingRanks(each)].map(nameOf));
        const names = Array.from({ length: each.length }, (_, rank) => nameOf(rank));
        expect(seen.filter((name) => !lacking.has(name))).toEqual(names.filter((name) => !lacking.has(name)));
        expect(new Set(seen).size).toBe(seen.length);
      }),
      { numRuns },
    ),
);
