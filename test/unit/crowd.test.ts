import { expect, test } from 'vitest';
import { Crowd } from '../../src/store/admission/crowd.ts';

/** A crowd with a limit of four, in which requests take so long lately, and so many are under way. */
function aCrowd({ tookMs, count }: { readonly tookMs: number | null; readonly count: number }): Crowd {
  const crowd = new Crowd(4);
  for (let index = 0; tookMs !== null && index < 100; index += 1) {
    crowd.begin();
    crowd.end(tookMs);
  }
  for (let index = 0; index < count; index += 1) crowd.begin();
  return crowd;
}

test.each([
  ['has room below its limit, however slow requests are', { tookMs: 60_000, count: 3 }, false],
  ['is full at its limit while nobody knows how long requests take', { tookMs: null, count: 4 }, true],
  ['is full at its limit while requests are slow', { tookMs: 600, count: 4 }, true],
  ['has room beyond its limit while requests are quick', { tookMs: 5, count: 40 }, false],
  ['is full at sixteen times its limit, however quick requests are', { tookMs: 0, count: 64 }, true],
])('a crowd %s', (_, state, isFull) => {
  expect(aCrowd(state).isFull).toBe(isFull);
});

test('a crowd learns that requests have become slow, and quick again', () => {
  const crowd = aCrowd({ tookMs: 5, count: 4 });
  const after = (tookMs: number) => {
    for (let index = 0; index < 20; index += 1) {
      crowd.begin();
      crowd.end(tookMs);
    }
    return crowd.isFull;
  };
  expect([crowd.isFull, after(2000), after(5)]).toEqual([false, true, false]);
});
