import { expect, test, vi } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';

test('ages and timers go on while the wall clock steps back', async () => {
  const startMs = systemClock.now();
  vi.spyOn(Date, 'now').mockReturnValue(0);
  const calledAtMs = await new Promise<number>((resolve) => {
    systemClock.schedule(5, () => resolve(systemClock.now()));
    // The system's timers do not keep the process alive by themselves.
    setTimeout(() => {}, 50);
  });
  expect(calledAtMs - startMs).toBeGreaterThanOrEqual(5);
});

test('time counts from the epoch, so that it means about the same to the next process', () => {
  expect(Math.abs(systemClock.now() - Date.now())).toBeLessThan(60_000);
});

test('the wall clock is for people, and is another type', () => {
  expect(systemClock.date()).toBeInstanceOf(Date);
});
