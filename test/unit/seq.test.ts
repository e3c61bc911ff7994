import fc from 'fast-check';
import { expect, test } from 'vitest';
import { latest, NEVER, nextSeq, toNumber, toSeq } from '../../src/jobs/seq.ts';
import { LogicalClock } from '../../src/store/admission/logical-clock.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const CASES = { numRuns: 300 };

/** How far a clock goes between two events: also not at all, by a fraction, or back. */
const aStepMs = fc.oneof(fc.constant(0), fc.double({ min: -5000, max: 5000, noNaN: true }));

test('each event is later than the one before, also where the clock stands still or goes back', () => {
  fc.assert(
    fc.property(fc.array(aStepMs, { minLength: 2, maxLength: 100 }), (stepsMs) => {
      let nowMs = Date.UTC(2026, 0, 15);
      const clock = new LogicalClock({ ...createFakeClock(), now: () => nowMs });
      const seqs = stepsMs.map((stepMs) => {
        nowMs += stepMs;
        return toNumber(clock.stamp().seq);
      });
      expect(seqs).toEqual([...new Set(seqs)].toSorted((a, b) => a - b));
      expect(toNumber(clock.latest)).toBe(seqs.at(-1));
    }),
    CASES,
  );
});

test('seqs stay exact numbers, however many events come in one millisecond of the year 2200', () => {
  const nowMs = Date.UTC(2200, 0, 1);
  let seq = nextSeq(NEVER, nowMs);
  for (let event = 0; event < 10_000; event += 1) seq = nextSeq(seq, nowMs);
  expect([Number.isSafeInteger(toNumber(seq)), nextSeq(seq, nowMs) > seq]).toEqual([true, true]);
});

test('an event of a later process has a later seq', () => {
  const [before, after] = [nextSeq(NEVER, 1000), nextSeq(NEVER, 1001)];
  expect(before < after).toBe(true);
});

test('a stamp is one reading of all clocks', () => {
  const clock = createFakeClock(1000);
  clock.stepWallClock(5000);
  expect(new LogicalClock(clock).stamp()).toEqual({
    seq: toSeq(1_024_000),
    atMs: 1000,
    date: new Date(6000),
  });
});

test('the latest of some seqs is the greatest, and of none is never', () => {
  expect([latest(toSeq(3), toSeq(7), toSeq(5)), latest()]).toEqual([toSeq(7), NEVER]);
});
