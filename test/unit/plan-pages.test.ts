import { describe, expect, test } from 'vitest';
import { spanOf } from '../../src/jobs/span.ts';
import { pageReachingBack, pageReachingOn, planAround, planPages } from '../../src/paging/list/plan-pages.ts';
import { MAX_PAGE_LIMIT } from '../../src/upstream/job-list.ts';

const TOTAL = 20_000;

/** How many requests it takes to read on from each place of a long list that has not moved. */
function costs(count: number): readonly number[] {
  return Array.from({ length: TOTAL - 600 }, (_, index) => {
    const place = { offset: index + 1, total: TOTAL };
    return planAround(place, 'forward', count).length;
  });
}

describe('the pages that cover a span', () => {
  test.each([
    [{ start: 0, end: 1 }, [{ page: 1, limit: 1 }]],
    [{ start: 0, end: 50 }, [{ page: 1, limit: 50 }]],
    [{ start: 50, end: 100 }, [{ page: 2, limit: 50 }]],
    [{ start: 49, end: 100 }, [{ page: 1, limit: 100 }]],
  ])('of %j are the smallest single page where one does', (span, pages) => {
    expect(planPages(span)).toEqual(pages);
  });

  test('cover it without a gap, with neighbours that share a place', () => {
    for (let start = 0; start < 1500; start += 7) {
      const spans = planPages({ start, end: start + 500 }).map(spanOf);
      expect(spans[0]?.start).toBeLessThanOrEqual(start);
      expect(spans.at(-1)?.end).toBeGreaterThanOrEqual(start + 500);
      for (const [index, span] of spans.slice(1).entries()) {
        expect(span.start).toBeLessThan(spans[index]?.end ?? 0);
      }
    }
  });

  test('are never longer than upstream gives', () => {
    const limits = [1, 99, 100, 101, 5000].flatMap((start) => planPages({ start, end: start + 500 }));
    expect(limits.every(({ limit }) => limit >= 1 && limit <= MAX_PAGE_LIMIT)).toBe(true);
  });
});

test.each([0, 1, 99, 100, 101, 4711])(
  'a page that holds the place %i reaches far on, or far back',
  (offset) => {
    const [on, back] = [spanOf(pageReachingOn(offset)), spanOf(pageReachingBack(offset))];
    expect(on.start <= offset && offset < on.end).toBe(true);
    expect(back.start <= offset && offset < back.end).toBe(true);
    expect(on.end).toBeGreaterThan(offset + 1);
  },
);

describe('reading on from a cursor of a list that has not moved', () => {
  test('costs one request most of the time for up to 50 jobs', () => {
    const all = costs(50);
    expect(all.filter((cost) => cost === 1).length / all.length).toBeGreaterThan(0.99);
    expect(Math.max(...all)).toBeLessThanOrEqual(2);
  });

  test('costs two at worst for up to 99', () => {
    expect(Math.max(...costs(99))).toBeLessThanOrEqual(2);
  });

  // Pages of one piece must share a place, or a job could be lost between them: at some places that takes a seventh.
  test('costs six for 500, and seven at few places far down', () => {
    const all = costs(500);
    expect(Math.max(...all.slice(0, 3000))).toBe(6);
    expect(Math.max(...all)).toBe(7);
    expect(all.filter((cost) => cost <= 6).length / all.length).toBeGreaterThan(0.98);
  });
});
