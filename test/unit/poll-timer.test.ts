import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ApiKey } from '../../src/auth/api-key.ts';
import { nextIntervalMs } from '../../src/live/poll-timer.ts';
import { Pollers } from '../../src/live/pollers.ts';
import type { JobStore } from '../../src/store/job-store.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { scriptedStore } from '../support/scripted-store.ts';

const limits = { minIntervalMs: 2000, maxIntervalMs: 15_000 };

describe('the interval between polls', () => {
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
});

describe('the timer of a set of keys', () => {
  const [alice, bob] = [new ApiKey('alice-key'), new ApiKey('bob-key')];

  /** Pollers over a store that has this pace for each key. */
  function createPollers(paces: ReadonlyMap<ApiKey, ReturnType<JobStore['paceOf']>> = new Map()) {
    const clock = createFakeClock();
    const paceOf = (key: ApiKey) => paces.get(key) ?? { slowdown: 1, waitMs: 0 };
    const store = scriptedStore(() => Promise.reject(new Error('No jobs are read here.')), { paceOf });
    return { clock, pollers: new Pollers({ store, clock, limits }) };
  }

  test('is the same in whatever order they come, until its last subscriber has left', () => {
    const { clock, pollers } = createPollers();
    const timer = pollers.timerOf([alice, bob]);
    const unsubscribe = timer.subscribe(() => {}, clock.now());
    expect([pollers.timerOf([bob, alice]) === timer, pollers.timerOf([alice]) === timer]).toEqual([
      true,
      false,
    ]);
    unsubscribe();
    expect([pollers.timerOf([bob, alice]) === timer, clock.pending]).toEqual([false, 0]);
  });

  test('keeps the pace of the key that may be asked first', () => {
    const { clock, pollers } = createPollers(
      new Map([
        [alice, { slowdown: 1, waitMs: 37_000 }],
        [bob, { slowdown: 3, waitMs: 0 }],
      ]),
    );
    const startMs = clock.now();
    const polledAtMs: number[] = [];
    pollers.timerOf([alice, bob]).subscribe((nowMs) => polledAtMs.push(nowMs - startMs), startMs);
    clock.advance(20_000);
    expect(polledAtMs).toEqual([6000, 12_000, 18_000]);
  });
});
