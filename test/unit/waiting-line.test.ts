import { describe, expect, test } from 'vitest';
import { WaitingLine } from '../../src/server/http/waiting-line.ts';

/** A line of arrivals that are named by their sender and number, such as `a/k1`. */
function createLine() {
  const line = new WaitingLine();
  const names = new Map<unknown, string>();
  return {
    line,
    add(address: string, keys: string, ...numbers: readonly number[]) {
      for (const number of numbers) {
        const arrival = { sender: { address, keys }, atMs: 0, begin() {}, refuse() {} };
        names.set(arrival, `${address}/${keys}${number}`);
        line.add(arrival);
      }
    },
    shift: (count = 1) => Array.from({ length: count }, () => names.get(line.shift())),
    drop: (count = 1) => Array.from({ length: count }, () => names.get(line.dropFromLargest())),
  };
}

describe('whose turn it is', () => {
  test('is in the order of arrival, where all come from one sender', () => {
    const { add, shift, line } = createLine();
    add('a', 'k', 1, 2, 3);
    expect([shift(4), line.size]).toEqual([['a/k1', 'a/k2', 'a/k3', undefined], 0]);
  });

  test('goes from address to address, however many wait from each', () => {
    const { add, shift } = createLine();
    add('a', 'k', 1, 2, 3, 4);
    add('b', 'k', 1);
    add('c', 'k', 1, 2);
    expect(shift(7)).toEqual(['a/k1', 'b/k1', 'c/k1', 'a/k2', 'c/k2', 'a/k3', 'a/k4']);
  });

  test('goes from key to key within an address', () => {
    const { add, shift } = createLine();
    add('a', 'k', 1, 2, 3);
    add('a', 'l', 1);
    add('b', 'm', 1, 2);
    expect(shift(6)).toEqual(['a/k1', 'b/m1', 'a/l1', 'b/m2', 'a/k2', 'a/k3']);
  });

  test('gives an address no more turns for keys that somebody makes up', () => {
    const { add, shift } = createLine();
    for (const key of ['k', 'l', 'm', 'n']) add('a', key, 1);
    add('b', 'o', 1, 2);
    expect(shift(4)).toEqual(['a/k1', 'b/o1', 'a/l1', 'b/o2']);
  });

  test('is that of who waited longest, once a sender comes again', () => {
    const { add, shift } = createLine();
    add('a', 'k', 1, 2);
    add('b', 'k', 1);
    const first = shift();
    add('a', 'k', 3);
    expect([first, shift(3)]).toEqual([['a/k1'], ['b/k1', 'a/k2', 'a/k3']]);
  });
});

describe('what is dropped', () => {
  test('is the latest of the address that most wait from, and there of the key', () => {
    const { add, drop, line } = createLine();
    add('a', 'k', 1, 2);
    add('b', 'l', 1);
    add('b', 'm', 1, 2);
    expect([drop(3), line.size]).toEqual([['b/m2', 'b/m1', 'a/k2'], 2]);
  });

  test('is what came last, where nobody has more', () => {
    const { add, drop } = createLine();
    for (const address of ['a', 'b', 'c']) add(address, 'k', 1);
    expect(drop()).toEqual(['c/k1']);
  });

  test('is nothing, where nobody waits', () => {
    expect(createLine().drop()).toEqual([undefined]);
  });
});
