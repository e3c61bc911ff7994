import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type BudgetLimits, RequestBudget } from '../../src/store/admission/request-budget.ts';

const WINDOW_MS = 900_000;
const limits = { requests: 1000, windowMs: WINDOW_MS };

function budgetAfter(count: number, { requests, windowMs }: BudgetLimits = limits): RequestBudget {
  const budget = new RequestBudget({ requests, windowMs });
  for (let sent = 0; sent < count; sent += 1) budget.spend(0);
  return budget;
}

/** The most requests that any window of the log holds: a window ends right before its first request is a window old. */
function mostInAnyWindow(sentAtMs: readonly number[], windowMs: number): number {
  let first = 0;
  return sentAtMs.reduce((most, atMs, index) => {
    while ((sentAtMs[first] ?? 0) <= atMs - windowMs) first += 1;
    return Math.max(most, index - first + 1);
  }, 0);
}

const anyLimits = fc.record({
  requests: fc.integer({ min: 1, max: 60 }),
  windowMs: fc.integer({ min: 1000, max: 20_000 }),
});
const anyArrivals = fc.array(fc.record({ afterMs: fc.nat(2000), isUrgent: fc.boolean() }), {
  minLength: 100,
  maxLength: 400,
});

describe('the count', () => {
  test('never holds more than the limit in any window, whoever asks whenever, if they wait when told to', () => {
    fc.assert(
      fc.property(anyLimits, anyArrivals, (some, arrivals) => {
        const budget = new RequestBudget(some);
        const sentAtMs: number[] = [];
        let nowMs = 0;
        for (const { afterMs, isUrgent } of arrivals) {
          nowMs += afterMs;
          if (budget.waitMs(nowMs, isUrgent) > 0) continue;
          budget.spend(nowMs);
          sentAtMs.push(nowMs);
        }
        expect(mostInAnyWindow(sentAtMs, some.windowMs)).toBeLessThanOrEqual(some.requests);
      }),
    );
  });

  test('says exactly how long to wait', () => {
    fc.assert(
      fc.property(anyLimits, anyArrivals, (some, arrivals) => {
        const budget = new RequestBudget(some);
        let nowMs = 0;
        for (const { afterMs, isUrgent } of arrivals) {
          nowMs += afterMs;
          const waitMs = budget.waitMs(nowMs, isUrgent);
          expect(waitMs).toBeGreaterThanOrEqual(0);
          expect(waitMs).toBeLessThanOrEqual(some.windowMs);
          if (waitMs > 0) {
            expect(budget.waitMs(nowMs + waitMs - 1, isUrgent)).toBe(1);
            nowMs += waitMs;
            expect(budget.waitMs(nowMs, isUrgent)).toBe(0);
          }
          budget.spend(nowMs);
        }
      }),
    );
  });

  test.each([
    [1000, 900],
    [100, 90],
    [70, 63],
    [15, 13],
    [10, 9],
    [2, 1],
    [1, 1],
  ])(
    'keeps the last tenth of %i for those who must have it, and gives the others %i',
    (requests, ordinary) => {
      const waits = (count: number) => {
        const budget = budgetAfter(count, { requests, windowMs: WINDOW_MS });
        return [budget.waitMs(0, false) > 0, budget.waitMs(0, true) > 0];
      };
      expect([waits(ordinary - 1), waits(ordinary)[0], waits(requests - 1)[1], waits(requests)]).toEqual([
        [false, false],
        true,
        false,
        [true, true],
      ]);
    },
  );

  test.each([
    ['nothing', [], 5000, { used: 0, remaining: 1000, resetAtMs: null }],
    ['one request', [1000], 5000, { used: 1, remaining: 999, resetAtMs: 901_000 }],
    ['the oldest of several', [1000, 1000, 4000], 5000, { used: 3, remaining: 997, resetAtMs: 901_000 }],
    ['what is left', [1000, 4000], 901_000, { used: 1, remaining: 999, resetAtMs: 904_000 }],
    ['what is just in the window', [1000], 900_999, { used: 1, remaining: 999, resetAtMs: 901_000 }],
    ['what has just left it', [1000], 901_000, { used: 0, remaining: 1000, resetAtMs: null }],
  ])('tells of %s', (_, sentAtMs, nowMs, state) => {
    const budget = new RequestBudget(limits);
    for (const atMs of sentAtMs) budget.spend(atMs);
    expect(budget.state(nowMs)).toEqual({ limit: 1000, ...state });
  });
});

describe('the slowdown', () => {
  test('is none while little is spent', () => {
    expect([0, 25, 50].map((count) => budgetAfter(count).slowdown(0))).toEqual([1, 1, 1]);
  });

  test('grows with each request and shrinks as time goes by', () => {
    fc.assert(
      fc.property(fc.nat(950), fc.nat(WINDOW_MS), fc.nat(WINDOW_MS), (count, atMs, laterMs) => {
        const [less, more] = [budgetAfter(count), budgetAfter(count + 1)];
        expect(more.slowdown(atMs)).toBeGreaterThanOrEqual(less.slowdown(atMs));
        expect(less.slowdown(atMs + laterMs)).toBeLessThanOrEqual(less.slowdown(atMs));
      }),
    );
  });

  test('never jumps: a request more of many slows down by a little more', () => {
    const slowdowns = Array.from({ length: 96 }, (_, count) => budgetAfter(count).slowdown(0));
    const growth = slowdowns.slice(1).map((slowdown, index) => slowdown / (slowdowns[index] ?? 1));
    expect(Math.max(...growth)).toBeLessThanOrEqual(1.2);
  });

  test('is without bounds where nothing may be sent, so that what is cached asks for nothing', () => {
    fc.assert(
      fc.property(anyLimits, anyArrivals, (some, arrivals) => {
        const budget = new RequestBudget(some);
        let nowMs = 0;
        for (const { afterMs } of arrivals) {
          nowMs += afterMs;
          if (budget.waitMs(nowMs, false) > 0) expect(budget.slowdown(nowMs)).toBe(Number.POSITIVE_INFINITY);
          else budget.spend(nowMs);
        }
      }),
    );
  });
});

/** What becomes of lists that are looked at again and again, each asked for where it is too old. */
function poll(budget: RequestBudget, listCount: number, everyMs: number, untilMs: number, fromMs = 0) {
  const readAtMs = new Array<number>(listCount).fill(Number.NEGATIVE_INFINITY);
  const sentAtMs: number[] = [];
  let [waited, oldestMs] = [0, 0];
  for (let nowMs = fromMs; nowMs < untilMs; nowMs += everyMs) {
    for (const [list, atMs] of readAtMs.entries()) {
      const ageMs = nowMs - atMs;
      if (ageMs < 2000 * budget.slowdown(nowMs)) {
        oldestMs = Math.max(oldestMs, ageMs);
      } else if (budget.waitMs(nowMs, false) > 0) {
        waited += 1;
      } else {
        budget.spend(nowMs);
        sentAtMs.push(nowMs);
        readAtMs[list] = nowMs;
      }
    }
  }
  return { waited, oldestMs, sentAtMs };
}

describe('polling', () => {
  test.each([
    [1, 2000],
    [1, 100],
    [2, 2000],
    [5, 2000],
    [5, 500],
    [8, 2000],
    [8, 1000],
    [8, 100],
  ])('%i lists every %i ms never waits, and never shows what is older than 10 s', (listCount, everyMs) => {
    const { waited, oldestMs } = poll(new RequestBudget(limits), listCount, everyMs, 4 * WINDOW_MS);
    expect(waited).toBe(0);
    expect(oldestMs).toBeLessThanOrEqual(10_000);
  });

  test('any number of lists slows down instead of stopping', () => {
    const anyPolling = fc.record({
      requests: fc.integer({ min: 100, max: 1000 }),
      listCount: fc.integer({ min: 1, max: 30 }),
      everyMs: fc.integer({ min: 500, max: 5000 }),
    });
    fc.assert(
      fc.property(anyPolling, ({ requests, listCount, everyMs }) => {
        const budget = new RequestBudget({ requests, windowMs: WINDOW_MS });
        const { waited, sentAtMs } = poll(budget, listCount, everyMs, 2 * WINDOW_MS);
        const gapsMs = sentAtMs.slice(1).map((atMs, index) => atMs - (sentAtMs[index] ?? 0));
        expect(waited).toBe(0);
        expect(Math.max(...gapsMs)).toBeLessThan(WINDOW_MS / 8);
      }),
      { numRuns: 30 },
    );
  });

  test('goes on after a burst that left little, with what is left', () => {
    const budget = budgetAfter(850);
    const { waited, sentAtMs } = poll(budget, 8, 2000, WINDOW_MS, 1000);
    expect(waited).toBe(0);
    expect(sentAtMs.length).toBeGreaterThan(20);
    expect(sentAtMs.at(-1)).toBeGreaterThan(WINDOW_MS - 60_000);
  });
});
