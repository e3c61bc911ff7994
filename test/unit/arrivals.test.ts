import { EventEmitter } from 'node:events';
import type { Server } from 'node:net';
import { expect, test } from 'vitest';
import { Arrivals } from '../../src/server/http/arrivals.ts';

/** Arrivals in an event loop whose turns come when the test says so, and take so long, in milliseconds. */
function createArrivals({ turnMs = 0, maxWaitMs = 500 } = {}) {
  const begun: number[] = [];
  let nowMs = 0;
  let next = () => {};
  const arrivals = new Arrivals({
    clock: { now: () => nowMs },
    maxWaitMs,
    nextTurn: (callback) => {
      next = callback;
    },
  });
  const server = new EventEmitter();
  arrivals.follow(server as Server);
  return {
    begun,
    arrivals,
    arrive(...names: readonly number[]) {
      for (const name of names) arrivals.take(() => begun.push(name));
    },
    turn(count = 1) {
      for (let time = 0; time < count; time += 1) {
        const callback = next;
        next = () => {};
        callback();
        nowMs += turnMs;
      }
    },
    connect: () => server.emit('connection'),
  };
}

test('a turn of the event loop begins four requests, in the order of their arrival', () => {
  const { begun, arrive, turn } = createArrivals();
  arrive(1, 2, 3, 4, 5, 6);
  const before = [...begun];
  turn();
  const after = [...begun];
  turn();
  expect([before, after, begun]).toEqual([[], [1, 2, 3, 4], [1, 2, 3, 4, 5, 6]]);
});

test('none begins while connections come in', () => {
  const { begun, arrive, turn, connect } = createArrivals();
  arrive(1);
  connect();
  turn();
  const meanwhile = [...begun];
  turn();
  expect([meanwhile, begun]).toEqual([[], [1]]);
});

test('a flood of connections leaves one turn in 33', () => {
  const { begun, arrive, turn, connect } = createArrivals();
  arrive(1, 2, 3, 4, 5);
  for (let time = 0; time < 33; time += 1) {
    connect();
    turn();
  }
  expect(begun).toEqual([1, 2, 3, 4]);
});

test('one that would wait for too long begins at once', () => {
  const { begun, arrivals, arrive, turn } = createArrivals({ turnMs: 160, maxWaitMs: 16 });
  arrive(1, 2, 3, 4, 5, 6, 7, 8, 9);
  turn(2);

  const waitMs = arrivals.waitMs;
  arrive(10, 11, 12, 13, 14);

  // Forty milliseconds for each of four requests: a tenth of that counts at first.
  expect([waitMs, begun]).toEqual([4, [1, 2, 3, 4, 5, 6, 7, 8, 14]]);
});

test('one stall of seconds makes the next hundred wait no less than any others', () => {
  const { begun, arrivals, arrive, turn } = createArrivals({ turnMs: 4000 });
  arrive(1, 2, 3, 4, 5);
  turn(2);

  arrive(...Array.from({ length: 100 }, (_, index) => 6 + index));

  expect([arrivals.waitMs, begun.length]).toEqual([500, 5]);
});
