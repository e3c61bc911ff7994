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
  function arriveFrom(address: string, ...names: readonly number[]) {
    for (const name of names) {
      arrivals.take(
        { address, keys: '' },
        () => begun.push(name),
        () => refused.push(name),
      );
    }
  }
  return {
    begun,
    refused,
    arrivals,
    arriveFrom,
    arrive: (...names: readonly number[]) => arriveFrom('an address', ...names),
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

test('a turn begins more where they are quick: as many as take 5 ms, and 32 at most', () => {
  const { begun, arrive, turn } = createArrivals({ turnMs: 2 });
  arrive(...numbers(1, 200));
  const counts = Array.from({ length: 6 }, () => {
    const before = begun.length;
    turn();
    return begun.length - before;
  });
  // Four in 2 ms are half a millisecond each, of which a tenth counts at first.
  expect(counts).toEqual([4, 32, 32, 32, 32, 32]);
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

test('turns that take long are left to connections for 50 ms at most', () => {
  const { begun, arrive, turn, connect } = createArrivals({ turnMs: 30 });
  arrive(1, 2, 3, 4, 5);
  for (let time = 0; time < 4; time += 1) {
    connect();
    turn();
  }
  // Two turns are left: the third one begins after 60 ms.
  expect(begun).toEqual([1, 2, 3, 4]);
});

test('one that would wait for too long is refused in the next turn', () => {
  const { refused, arrivals, arrive, turn } = createArrivals({ turnMs: 80, maxWaitMs: 80 });
  arrive(...numbers(1, 9));
  turn(2);

  arrive(...numbers(10, 52));

  // Four of them took 80 ms: a tenth of that counts at first.
  const before = [arrivals.waitMs, ...refused];
  turn();
  expect([before, refused.slice(0, 3)]).toEqual([[40 * 2], [49, 50, 51]]);
});

test('one that waited for too long is refused, and those after it get its turn', () => {
  const { begun, refused, arrive, turn } = createArrivals({ turnMs: 60, maxWaitMs: 100 });
  arrive(...numbers(1, 9));
  turn(2);
  arrive(10);
  turn();
  expect([begun, refused]).toEqual([[1, 2, 3, 4, 5, 6, 7, 8, 10], [9]]);
});

test('who sends more than others is refused in their place, and waits until they had their turns', () => {
  const { begun, refused, arrive, arriveFrom, turn } = createArrivals({ turnMs: 80, maxWaitMs: 160 });
  arrive(...numbers(1, 9));
  turn(2);

  arrive(...numbers(10, 88));
  arriveFrom('another address', 100);
  turn();

  expect([begun.slice(8), refused]).toEqual([[100, 9, 10, 11], [88]]);
});

test('what took long says nothing once nobody waits', () => {
  const { begun, refused, arrive, turn } = createArrivals({ turnMs: 80, maxWaitMs: 80 });
  arrive(...numbers(1, 8));
  turn(2);

  arrive(...numbers(9, 108));

  expect([begun.length, refused]).toEqual([8, []]);
});

test('a turn of the event loop refuses 32', () => {
  const { refused, arrive, turn } = createArrivals({ turnMs: 60, maxWaitMs: 0 });
  arrive(...numbers(1, 5));
  turn(2);
  expect(refused).toEqual([5]);
  arrive(...numbers(6, 50));
  turn(2);
  expect(refused).toHaveLength(33);
});

test('one stall of seconds keeps nobody from waiting: it counts for a tenth of a second', () => {
  const { begun, refused, arrivals, arrive, turn } = createArrivals({ turnMs: 4000, maxWaitMs: 200 });
  arrive(...numbers(1, 9));
  turn(2);

  arrive(...numbers(10, 88));

  expect([arrivals.waitMs, begun, refused]).toEqual([80 * 2.5, numbers(1, 8), []]);
});

function numbers(first: number, last: number): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
