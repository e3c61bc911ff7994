import { describe, expect, test } from 'vitest';
import {
  type BatchStep,
  hasPaid,
  nextSearchPages,
  nextStep,
  type WantedJob,
  wantedAfter,
} from '../../src/store/plan-batch.ts';

const RICH = { all: false, pending: false };

/** So many wanted jobs, called after the letter, of which nothing is known but these. */
function some(count: number, letter: string, known: Partial<WantedJob> = {}): WantedJob[] {
  return Array.from({ length: count }, (_, index) => ({
    qrn: `${letter}${index}`,
    offset: null,
    isUnseen: false,
    isPending: false,
    ...known,
  }));
}

const unseen = (count: number, letter = 'u') => some(count, letter, { isUnseen: true });
const pending = (count: number, offset: number | null = null) =>
  some(count, 'p', { isPending: true, offset });
const lost = (count: number) => some(count, 'l');
const at = (...offsets: number[]) =>
  offsets.map((offset) => ({ qrn: `at${offset}`, offset, isUnseen: false, isPending: false }));

/** A step as one line: its list, the numbers of its pages or that it is a search, how many jobs it is for. */
function print(step: BatchStep | null): string {
  if (step === null) return 'one by one';
  const what = step.pages === null ? 'search' : `pages ${step.pages.map(({ page }) => page).join(' ')}`;
  return `${step.list}: ${what} for ${step.qrns.size}`;
}

describe('the next step', () => {
  test.each<[string, WantedJob[], string]>([
    ['no job', [], 'one by one'],
    ['two jobs never seen', unseen(2), 'one by one'],
    ['three jobs never seen', unseen(3), 'all: search for 3'],
    ['many jobs that lists do not hold', lost(50), 'one by one'],
    ['two never seen beside others that lists do not hold', [...unseen(2), ...lost(9)], 'one by one'],
    [
      'three never seen beside others that lists do not hold',
      [...unseen(3), ...lost(9)],
      'all: search for 3',
    ],
    ['three under way', pending(3), 'pending: search for 3'],
    ['two under way beside one never seen', [...pending(2), ...unseen(1)], 'one by one'],
    ['jobs under way on one page', pending(50, 99), 'all: pages 1 for 50'],
    ['jobs under way on two pages', [...pending(25, 99), ...at(100, 101)], 'pending: search for 25'],
    ['many under way beside a few on one page', [...pending(9), ...at(1, 2)], 'pending: search for 9'],
    ['jobs of one page', at(300, 301, 399), 'all: pages 4 for 3'],
    ['jobs of two pages', at(0, 1, 700, 799), 'all: pages 1 8 for 4'],
    ['jobs each of its own page', at(0, 100, 200), 'one by one'],
    ['two of a page beside one of another', at(0, 99, 100), 'all: pages 1 for 2'],
    ['two on a page and many never seen', [...at(5, 6), ...unseen(9)], 'all: pages 1 for 2'],
  ])('for %s', (_, wanted, expected) => {
    expect(print(nextStep(wanted, RICH))).toBe(expected);
  });

  test.each<[string, WantedJob[], string]>([
    ['nine jobs never seen', unseen(9), 'one by one'],
    ['ten jobs never seen', unseen(10), 'all: search for 10'],
    ['nine under way', pending(9), 'one by one'],
    ['ten under way', pending(10), 'pending: search for 10'],
    ['two on one page and one never seen', [...at(0, 1), ...unseen(1)], 'all: pages 1 for 2'],
  ])('for %s, where the lists were lately searched in vain', (_, wanted, expected) => {
    expect(print(nextStep(wanted, { all: true, pending: true }))).toBe(expected);
  });

  test('comes to an end, whatever is found', () => {
    const wanted = [...pending(5), ...at(0, 1, 700, 701, 900), ...unseen(5), ...lost(2)];
    const steps: string[] = [];
    let left: readonly WantedJob[] = wanted;
    for (let step = nextStep(left, RICH); step !== null; step = nextStep(left, RICH)) {
      steps.push(print(step));
      left = wantedAfter(left, step, new Set());
    }
    expect([steps, left.length]).toEqual([
      ['pending: search for 5', 'all: pages 1 8 for 4', 'all: search for 5'],
      wanted.length,
    ]);
  });

  test('leaves out what was found, and looks for the rest elsewhere', () => {
    const wanted = [...pending(4), ...unseen(3)];
    const step = nextStep(wanted, RICH);
    const left = step === null ? [] : wantedAfter(wanted, step, new Set(['p0', 'p1', 'p2']));
    expect(left).toEqual([{ qrn: 'p3', offset: null, isUnseen: false, isPending: false }, ...unseen(3)]);
  });
});

describe('a search', () => {
  test.each([
    ['begins with the newest page', 0, Number.POSITIVE_INFINITY, 500, [1]],
    ['that is new asks for one page, however few jobs it is for', 0, Number.POSITIVE_INFINITY, 3, [1]],
    ['reads as many pages as the rest fills', 1, 1000, 400, [2, 3, 4, 5]],
    ['reads a page for a rest that fills none', 1, 1000, 99, [2]],
    ['does not read behind the end of the list', 1, 250, 400, [2, 3]],
    ['ends at the end of the list', 3, 250, 100, []],
    ['ends where everything is found', 1, 1000, 0, []],
    ['of an empty list ends', 1, 0, 3, []],
  ])('%s', (_, pagesRead, total, wantedCount, pages) => {
    const next = nextSearchPages({ pagesRead, total, wantedCount });
    expect(next).toEqual(pages.map((page) => ({ page, limit: 100 })));
  });

  test.each([
    [2, 1, true],
    [1, 1, false],
    [0, 1, false],
    [7, 4, false],
    [8, 4, true],
  ])('that found %i jobs on %i pages has paid: %s', (found, pages, expected) => {
    expect(hasPaid(found, pages)).toBe(expected);
  });
});
