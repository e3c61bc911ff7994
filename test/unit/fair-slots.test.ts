import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FairSlots } from '../../src/upstream/fair-slots.ts';
import { createFakeClock } from '../support/fake-clock.ts';

/** Slots, and the requests that have got theirs, by name, in the order in which they got them. */
function openSlots(total: number, perKey: number) {
  const clock = createFakeClock();
  const slots = new FairSlots({ total, perKey, maxWaitMs: 1000, clock });
  const started: string[] = [];
  /** Asks for a slot for a request that is called after its key: `a1` is of `a`. Resolves with why it got none. */
  const take = (name: string, signal?: AbortSignal): Promise<string | null> =>
    slots.take(name.charAt(0), signal).then(
      () => {
        started.push(name);
        return null;
      },
      (error: Error) => error.message,
    );
  return { slots, clock, started, take };
}

describe('a slot', () => {
  test.each<[what: string, wanted: string[], freed: string, next: string]>([
    ['the key with the fewest slots, if it asks last', ['a1', 'a2', 'b1', 'a3', 'c1'], 'a', 'c1'],
    [
      'the request that waited longest, among keys that have as many',
      ['a1', 'b1', 'c1', 'e1', 'd1'],
      'a',
      'e1',
    ],
    ['its own key, if that still has no more than the others', ['a1', 'b1', 'b2', 'b3', 'a2'], 'b', 'b3'],
    ['no key that has all it may', ['a1', 'a2', 'b1', 'a3', 'b2'], 'b', 'b2'],
  ])('goes to %s', async (_, wanted, freed, next) => {
    const { slots, started, take } = openSlots(3, 2);
    for (const name of wanted) void take(name);
    slots.free(freed);
    await setImmediate();
    expect(started.slice(3)).toEqual([next]);
  });

  test('is not taken by one who stops waiting', async () => {
    const { slots, started, take, clock } = openSlots(1, 1);
    const abort = new AbortController();
    const waits = [take('a1'), take('b1', abort.signal), take('c1')];
    abort.abort(new Error('gone'));
    slots.free('a');
    expect([await Promise.all(waits), started, clock.pending]).toEqual([
      [null, 'gone', null],
      ['a1', 'c1'],
      0,
    ]);
  });

  test('is not given to one who has stopped waiting before', async () => {
    const { started, take } = openSlots(1, 1);
    expect(await take('a1', AbortSignal.abort(new Error('gone')))).toBe('gone');
    await take('b1');
    expect(started).toEqual(['b1']);
  });

  test('is waited for so long and no longer', async () => {
    const { slots, clock, started, take } = openSlots(1, 1);
    const waits = [take('a1'), take('b1')];
    clock.advance(999);
    const late = take('c1');
    clock.advance(1);
    slots.free('a');
    await late;
    expect([await Promise.all(waits), started]).toEqual([
      [
        null,
        'No connection to the qBraid API became free within 1000 ms: send fewer requests at once, or try again.',
      ],
      ['a1', 'c1'],
    ]);
  });
});

test('whoever asks and frees, no slot is given twice, and none stays free that somebody may have', async () => {
  const TOTAL = 4;
  const PER_KEY = 2;
  const steps = fc.array(fc.tuple(fc.boolean(), fc.constantFrom('a', 'b', 'c', 'd')), { maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(steps, async (sequence) => {
      const { slots, started, take } = openSlots(TOTAL, PER_KEY);
      const wanted: string[] = [];
      const freed: string[] = [];
      const countIn = (names: string[], key: string) => names.filter((name) => name.startsWith(key)).length;
      const takenBy = (key: string) => countIn(started, key) - countIn(freed, key);
      for (const [isFree, key] of sequence) {
        if (!isFree) {
          wanted.push(key);
          void take(key);
        } else if (takenBy(key) > 0) {
          freed.push(key);
          slots.free(key);
        }
        await setImmediate();
        const taken = ['a', 'b', 'c', 'd'].map(takenBy);
        const mayHave = ['a', 'b', 'c', 'd'].map((each) =>
          Math.min(PER_KEY, countIn(wanted, each) - countIn(freed, each)),
        );
        const sum = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0);
        expect(Math.max(...taken)).toBeLessThanOrEqual(PER_KEY);
        expect(sum(taken)).toBe(Math.min(TOTAL, sum(mayHave)));
      }
    }),
  );
});
