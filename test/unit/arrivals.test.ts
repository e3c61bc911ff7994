import { EventEmitter } from 'node:events';
import type { Server } from 'node:net';
import { expect, test } from 'vitest';
import { Arrivals } from '../../src/server/http/arrivals.ts';

/** Arrivals in an event loop whose turns come when the test says so, and take so long, in milliseconds. */
function createArrivals({ turnMs = 0, maxWaitMs = 500 } = {}) {
  const begun: number[] = [];
  const refused: number[] = [];
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
    refused,
    arrivals,
    arrive(...names: readonly number[]) {
      for (const name of names) {
        arrivals.take(
          () => begun.push(name),
          () => refused.push(name),
        );
      }
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

test('one that would wait for too long is refused at once', () => {
  const { refused, arrivals, arrive, turn } = createArrivals({ turnMs: 80, maxWaitMs: 80 });
  arrive(1, 2, 3, 4, 5);
  turn(2);

  arrive(...Array.from({ length: 42 }, (_, index) => 6 + index));

  // Four of them took 80 ms: a tenth of that counts at first.
  expect([arrivals.waitMs, refused]).toEqual([41 * 2, [47]]);
});

test('one that waited for too long is refused, and those after it get its turn', () => {
  const { begun, refused, arrive, turn } = createArrivals({ turnMs: 60, maxWaitMs: 100 });
  arrive(1, 2, 3, 4, 5, 6, 7, 8, 9);
  turn(2);
  arrive(10);
  turn();
  expect([begun, refused]).toEqual([[1, 2, 3, 4, 5, 6, 7, 8, 10], [9]]);
});

test('one stall of seconds keeps nobody from waiting: it counts for a tenth of a second', () => {
  const { begun, refused, arrivals, arrive, turn } = createArrivals({ turnMs: 4000, maxWaitMs: 200 });
  arrive(1, 2, 3, 4, 5);
  turn(2);

  arrive(...Array.from({ length: 79 }, (_, index) => 6 + index));

  expect([arrivals.waitMs, begun, refused]).toEqual([79 * 2.5, [1, 2, 3, 4, 5], []]);
});
