import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Backoff } from '../../src/store/admission/backoff.ts';

const CASES = { numRuns: 300 };
const limits = { maxMs: 30_000, maxAskedMs: 60_000, random: () => 1 };

/** A backoff that failed once at time 0: it waits for a second. */
function failedOnce(): Backoff {
  const backoff = new Backoff(limits);
  backoff.failed(0, 0, undefined);
  return backoff;
}

describe('a wait', () => {
  test('doubles with each failure of a request sent after the one before, up to the longest', () => {
    const backoff = new Backoff(limits);
    const waits: number[] = [];
    for (let nowMs = 0; waits.length < 7; nowMs += waits.at(-1) ?? 0) {
      backoff.failed(nowMs, nowMs, undefined);
      waits.push(backoff.waitMs(nowMs));
    }
    expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  });

  test('is half as long where chance has it', () => {
    const backoff = new Backoff({ ...limits, random: () => 0 });
    backoff.failed(0, 0, undefined);
    expect(backoff.waitMs(0)).toBe(500);
  });

  test.each([
    [999, 1000],
    [1000, 1000],
    [9000, 9000],
    [60_000, 60_000],
    [90_000, 60_000],
  ])('that upstream wants to be %i ms long is %i ms long', (retryAfterMs, waitMs) => {
    const backoff = new Backoff(limits);
    backoff.failed(0, 0, retryAfterMs);
    expect(backoff.waitMs(0)).toBe(waitMs);
  });

  test('is one, however many requests were sent before it and fail', () => {
    const backoff = failedOnce();
    for (let request = 0; request < 50; request += 1) backoff.failed(999, 1000, undefined);
    backoff.failed(1000, 1000, undefined);
    expect(backoff.waitMs(1000)).toBe(2000);
  });

  test('begins anew after a success, but not after that of a request sent before its end', () => {
    const [settled, lucky] = [failedOnce(), failedOnce()];
    settled.succeeded(1000);
    lucky.succeeded(999);
    expect([settled, lucky].map(({ isFailing }) => isFailing)).toEqual([false, true]);
    for (const backoff of [settled, lucky]) backoff.failed(5000, 5000, undefined);
    expect([settled, lucky].map((backoff) => backoff.waitMs(5000))).toEqual([1000, 2000]);
  });
});

const anEvent = fc.record({
  kind: fc.constantFrom('failed' as const, 'succeeded' as const),
  afterMs: fc.nat(20_000),
  tookMs: fc.nat(20_000),
  retryAfterMs: fc.option(fc.nat(100_000), { nil: undefined }),
});

test('whatever happens, a wait is never cut short, and never longer than the longest', () => {
  fc.assert(
    fc.property(
      fc.array(anEvent, { maxLength: 50 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (events, chance) => {
        const backoff = new Backoff({ ...limits, random: () => chance });
        let nowMs = 0;
        let leftMs = 0;
        for (const { kind, afterMs, tookMs, retryAfterMs } of events) {
          nowMs += afterMs;
          leftMs = Math.max(0, leftMs - afterMs);
          if (kind === 'failed') backoff.failed(nowMs - tookMs, nowMs, retryAfterMs);
          else backoff.succeeded(nowMs - tookMs);
          const waitMs = Math.max(0, backoff.waitMs(nowMs));
          expect(waitMs).toBeGreaterThanOrEqual(leftMs - 0.001);
          expect(waitMs).toBeLessThanOrEqual(60_000);
          leftMs = waitMs;
        }
      },
    ),
    CASES,
  );
});

test('a failure right after a wait always begins another one', () => {
  fc.assert(
    fc.property(fc.array(anEvent, { maxLength: 50 }), (events) => {
      const backoff = new Backoff({ ...limits, random: () => 0 });
      let nowMs = 0;
      for (const { kind, tookMs, retryAfterMs } of events) {
        nowMs += Math.max(0, backoff.waitMs(nowMs));
        if (kind === 'succeeded') backoff.succeeded(nowMs - tookMs);
        backoff.failed(nowMs, nowMs, retryAfterMs);
        expect(backoff.waitMs(nowMs)).toBeGreaterThanOrEqual(500);
      }
    }),
    CASES,
  );
});
