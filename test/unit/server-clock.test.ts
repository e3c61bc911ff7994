import { expect, test } from 'vitest';
import { ServerClock } from '../../src/fleet/redis/server-clock.ts';

test.for<[string, readonly (readonly [serverMs: number, sentMs: number, answeredMs: number])[], number]>([
  ['nothing yet', [], 0],
  ['half of the way', [[1100, 0, 200]], 1000.5],
  [
    'the quickest reply',
    [
      [1100, 0, 200],
      [1310, 300, 320],
      [1450, 400, 500],
    ],
    1000.5,
  ],
  [
    'the latest of equally quick ones',
    [
      [1010, 0, 20],
      [1110, 100, 120],
      [1212, 200, 220],
    ],
    1002.5,
  ],
  [
    'a later reply after half a minute',
    [
      [1010, 0, 20],
      [31_100, 30_050, 30_150],
    ],
    1000.5,
  ],
  [
    'a reply that proves that a clock was set',
    [
      [1010, 0, 20],
      [9150, 100, 200],
    ],
    9000.5,
  ],
])('the offset of the server is that of %s', ([, replies, offsetMs]) => {
  const clock = new ServerClock();
  for (const reply of replies) clock.learn(...reply);
  expect(clock.offsetMs).toBe(offsetMs);
});

test('what the network may have done with a reply is no difference of clocks', () => {
  const clock = new ServerClock();
  expect(clock.certainOffsetMs).toBe(0);
  clock.learn(6000, 0, 2000);
  expect(clock.certainOffsetMs).toBe(4000.5);
  clock.forget();
  expect(clock.certainOffsetMs).toBe(0);
});
