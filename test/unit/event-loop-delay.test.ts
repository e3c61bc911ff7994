import { expect, test } from 'vitest';
import { EventLoopDelay } from '../../src/server/lifecycle/event-loop-delay.ts';
import { createFakeClock } from '../support/fake-clock.ts';

/** A histogram of a loop that was so late in each second, in milliseconds. Node counts its 20 ms of waiting too. */
function histogramOf(...delaysMs: readonly number[]) {
  const left = [...delaysMs];
  return {
    get mean() {
      return ((left[0] ?? Number.NaN) + 20) * 1_000_000;
    },
    reset: () => left.shift() !== undefined,
    enable: () => true,
    disable: () => true,
  } as unknown as NonNullable<ConstructorParameters<typeof EventLoopDelay>[0]['histogram']>;
}

test('the delay of the event loop is what it was in each of the last two seconds', () => {
  const clock = createFakeClock();
  const delay = new EventLoopDelay({ clock, histogram: histogramOf(700, 600, 3) });
  const readings = [delay.meanMs];
  for (const ms of [999, 1, 999, 1, 1000]) {
    clock.advance(ms);
    readings.push(delay.meanMs);
  }
  expect(readings).toEqual([0, 0, 0, 0, 600, 3]);
});

test('one stall is no delay, however long it was', () => {
  const clock = createFakeClock();
  const delay = new EventLoopDelay({ clock, histogram: histogramOf(5, 4000, 5) });
  const readings = [1, 2, 3].map(() => {
    clock.advance(1000);
    return delay.meanMs;
  });
  expect(readings).toEqual([0, 5, 5]);
});

test('the delay stays what it was while the loop is too late to be measured', () => {
  const clock = createFakeClock();
  const delay = new EventLoopDelay({ clock, histogram: histogramOf(700) });
  clock.advance(3000);
  expect(delay.meanMs).toBe(700);
});

test('the delay is not measured any more after the end', () => {
  const clock = createFakeClock();
  new EventLoopDelay({ clock, histogram: histogramOf() }).end();
  expect(clock.pending).toBe(0);
});
