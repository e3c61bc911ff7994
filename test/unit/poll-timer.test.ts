import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nextIntervalMs } from '../../src/live/poll-timer.ts';

const limits = { minIntervalMs: 2000, maxIntervalMs: 15_000 };

test('is the shortest while there is something new', () => {
  expect(nextIntervalMs(15_000, true, limits)).toBe(2000);
});

test('grows by half at each quiet poll, up to the longest', () => {
  const intervals = [2000];
  for (let count = 0; count < 7; count += 1)
    intervals.push(nextIntervalMs(intervals.at(-1) ?? 0, false, limits));
  expect(intervals).toEqual([2000, 3000, 4500, 6750, 10_125, 15_000, 15_000, 15_000]);
});

test('stays within its limits, whatever they are', () => {
  fc.assert(
    fc.property(fc.nat(), fc.nat(), fc.array(fc.boolean()), (minIntervalMs, more, polls) => {
      const within = { minIntervalMs, maxIntervalMs: minIntervalMs + more };
      let intervalMs = minIntervalMs;
      for (const isFast of polls) intervalMs = nextIntervalMs(intervalMs, isFast, within);
      expect(intervalMs).toBeGreaterThanOrEqual(minIntervalMs);
      expect(intervalMs).toBeLessThanOrEqual(within.maxIntervalMs);
    }),
  );
});
