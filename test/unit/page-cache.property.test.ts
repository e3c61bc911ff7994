import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Seq } from '../../src/jobs/seq.ts';
import { type Span, spanOf } from '../../src/jobs/span.ts';
import type { CachedPage } from '../../src/store/cache/page-cache.ts';
import { ALL, openCaches, PARTITION } from '../support/open-caches.ts';

const CASES = { numRuns: 300 };

/** The pages that are asked for: few enough for none to be evicted. */
const NUMBERS = [
  { page: 1, limit: 1 },
  { page: 1, limit: 10 },
  { page: 2, limit: 10 },
  { page: 1, limit: 20 },
];

/** The parts of the list that are looked up: some that a page holds, some that only the end of the list answers. */
const SPANS: readonly Span[] = [...NUMBERS.map(spanOf), { start: 0, end: 50 }, { start: 5, end: 15 }];

/** A page is asked for; one that is under way lands, and shows how many jobs there are; or a part is looked up. */
const aStep = fc.oneof(
  fc.record({ kind: fc.constant('ask' as const), number: fc.constantFrom(...NUMBERS) }),
  fc.record({ kind: fc.constant('land' as const), which: fc.nat(7), total: fc.constantFrom(0, 5, 15, 80) }),
  fc.record({ kind: fc.constant('look' as const), span: fc.nat(SPANS.length - 1), since: fc.nat(20) }),
);

type Step = typeof aStep extends fc.Arbitrary<infer Value> ? Value : never;

/** What each look gave, in order. */
interface Look {
  readonly span: number;
  readonly since: Seq | undefined;
  readonly page: CachedPage;
}

/** Takes the steps. A look takes the seq of an earlier request as `since`, or none. */
function take(steps: readonly Step[]): Look[] {
  const { pages, ask, now } = openCaches();
  const underWay: { number: (typeof NUMBERS)[number]; askedSeq: Seq }[] = [];
  const asked: Seq[] = [];
  const looks: Look[] = [];
  for (const step of steps) {
    if (step.kind === 'ask') {
      const askedSeq = ask();
      asked.push(askedSeq);
      underWay.push({ number: step.number, askedSeq });
    } else if (step.kind === 'land') {
      const [landed] = underWay.splice(step.which % Math.max(1, underWay.length), 1);
      if (landed === undefined) continue;
      pages.keep(PARTITION, ALL, landed.number, { items: [], total: step.total }, now(landed.askedSeq));
    } else {
      const span = SPANS[step.span];
      const since = asked[step.since];
      const page = span === undefined ? null : pages.lookup(PARTITION, ALL, span, since);
      if (page !== null) looks.push({ span: step.span, since, page });
    }
  }
  return looks;
}

const anyHistory = fc.array(aStep, { minLength: 10, maxLength: 60 });

test('no page was asked for before the cursor that it stands behind', () => {
  fc.assert(
    fc.property(anyHistory, (steps) => {
      for (const { since, page } of take(steps)) {
        expect(since === undefined || page.askedSeq > since).toBe(true);
      }
    }),
    CASES,
  );
});

test('who looks again sees the same page, or one that was asked for after the one before was read', () => {
  fc.assert(
    fc.property(anyHistory, (steps) => {
      const last = new Map<number, CachedPage>();
      for (const { span, since, page } of take(steps)) {
        if (since !== undefined) continue;
        const before = last.get(span) ?? page;
        expect(page.askedSeq === before.askedSeq || page.askedSeq > before.read.seq).toBe(true);
        last.set(span, page);
      }
    }),
    CASES,
  );
});
