import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Deadline, Deadlines } from '../../src/lib/deadlines.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const TIMEOUT_MS = 1000;

function openDeadlines() {
  const clock = createFakeClock();
  const due: [item: string, atMs: number][] = [];
  const startedAtMs = clock.now();
  const deadlines = new Deadlines<string>({
    clock,
    timeoutMs: TIMEOUT_MS,
    onDue: (item) => void due.push([item, clock.now() - startedAtMs]),
  });
  return { clock, deadlines, due };
}

test('each item is told of when its own time is over, the first one first', () => {
  const { clock, deadlines, due } = openDeadlines();
  deadlines.start('a');
  clock.advance(400);
  deadlines.start('b');
  clock.advance(5000);
  expect(due).toEqual([
    ['a', 1000],
    ['b', 1400],
  ]);
});

test('an item whose time was ended is not told of, whichever it is', () => {
  const { clock, deadlines, due } = openDeadlines();
  const started = ['first', 'stays', 'middle', 'also stays', 'last'].map((item) => deadlines.start(item));
  for (const index of [2, 0, 4]) started[index]?.stop();
  clock.advance(TIMEOUT_MS);
  expect(due.map(([item]) => item)).toEqual(['stays', 'also stays']);
});

test('a time that is over, or was ended, can be ended again', () => {
  const { clock, deadlines, due } = openDeadlines();
  const [over, ended] = [deadlines.start('over'), deadlines.start('ended')];
  ended.stop();
  clock.advance(TIMEOUT_MS);
  over.stop();
  ended.stop();
  deadlines.start('next');
  clock.advance(TIMEOUT_MS);
  expect(due.map(([item]) => item)).toEqual(['over', 'next']);
});

test('nothing is scheduled while nothing has a time', () => {
  const { clock, deadlines } = openDeadlines();
  const started = [deadlines.start('a'), deadlines.start('b')];
  for (const deadline of started) deadline.stop();
  expect(clock.untilNextMs).toBe(null);
});

/** What is to happen, and a model of which item is told of when. */
function openModel() {
  const { clock, deadlines, due } = openDeadlines();
  const items: { readonly name: string; readonly deadline: Deadline; readonly dueAtMs: number }[] = [];
  const over = new Set<string>();
  const expected: [item: string, atMs: number][] = [];
  let nowMs = 0;
  return {
    due,
    expected,
    start(): void {
      const name = `item ${items.length}`;
      items.push({ name, deadline: deadlines.start(name), dueAtMs: nowMs + TIMEOUT_MS });
    },
    stop(pick: number): void {
      const item = items[pick % Math.max(1, items.length)];
      if (item === undefined) return;
      item.deadline.stop();
      over.add(item.name);
    },
    pass(ms: number): void {
      nowMs += ms;
      clock.advance(ms);
      for (const { name, dueAtMs } of items.filter((item) => item.dueAtMs <= nowMs)) {
        if (!over.has(name)) expected.push([name, dueAtMs]);
        over.add(name);
      }
    },
  };
}

test('whatever begins and ends in whichever order, exactly what was not ended in time is told of, in time', () => {
  const anyStep = fc.oneof(
    fc.record({ act: fc.constant('start' as const), by: fc.constant(0) }),
    fc.record({ act: fc.constant('stop' as const), by: fc.nat(1000) }),
    fc.record({ act: fc.constant('pass' as const), by: fc.integer({ min: 1, max: 700 }) }),
  );
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 60 }), (steps) => {
      const model = openModel();
      for (const { act, by } of steps) model[act](by);
      expect(model.due).toEqual(model.expected);
    }),
  );
});
