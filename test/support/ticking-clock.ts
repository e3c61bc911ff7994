import { createFakeClock, type FakeClock } from './fake-clock.ts';

/** A clock of the test's own that goes on a little each time that somebody reads it. */
export function createTickingClock(stepMs: number): FakeClock {
  const clock = createFakeClock();
  const { now } = clock;
  return Object.assign(clock, {
    now() {
      clock.advance(stepMs);
      return now();
    },
  });
}
