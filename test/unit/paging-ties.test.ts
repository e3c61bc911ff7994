import { expect, test } from 'vitest';
import { ChangingList } from '../support/changing-list.ts';
import { createListClient, walkList } from '../support/list-client.ts';

/** All orders of some names. */
const ordersOf = (names: readonly string[]): string[][] =>
  names.length < 2
    ? [[...names]]
    : names.flatMap((name) =>
        ordersOf(names.filter((other) => other !== name)).map((rest) => [name, ...rest]),
      );

/** All choices of some names. */
const choicesOf = ([name, ...others]: readonly string[]): string[][] =>
  name === undefined ? [[]] : choicesOf(others).flatMap((rest) => [rest, [name, ...rest]]);

const LISTS = choicesOf(['a:1', 'a:2', 'a:3']).flatMap(ordersOf);

/** A list of jobs that were all created at the same moment. */
const listOf = (names: readonly string[]) =>
  new ChangingList(names.map((name, rank) => ({ name, rank, createdAtMs: 0, fault: 'none' })));

test.each([
  ['forward', true],
  ['backward', false],
])(
  '%s, no job of two lists is lost, whatever their orders: all jobs are of one moment',
  async (_, isForward) => {
    const lost: string[] = [];
    for (const alice of LISTS) {
      for (const bob of LISTS) {
        for (const size of [1, 2]) {
          const client = createListClient([
            { label: 'alice', list: listOf(alice) },
            { label: 'bob', list: listOf(bob) },
          ]);
          const seen = (await walkList(client, isForward, [size])).flat();
          const missing = [...new Set([...alice, ...bob])].filter((name) => !seen.includes(name));
          if (missing.length > 0) lost.push(`${alice} and ${bob}, ${size} at a time: ${missing}`);
        }
      }
    }
    expect(lost).toEqual([]);
  },
);
