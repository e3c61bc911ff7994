import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { emptyList, type ListPage, type LiveList } from '../../clients/src/list/live-list.ts';
import { mergePage } from '../../clients/src/list/merge-page.ts';
import { nextCursor } from '../../clients/src/list/next-cursor.ts';
import { recheck } from '../../clients/src/list/recheck.ts';

/** A row of the model: its number is its place, the largest first. */
interface Row {
  readonly number: number;
  readonly cursor: string;
  readonly weight: number;
}

const PAGE_SIZE = 3;
const keyOf = ({ number }: Row) => String(number);

/** How many keys see a job. */
const weightOf = (number: number) => 1 + (number % 2);

type Step =
  | { readonly type: 'insert' | 'remove'; readonly at: number; readonly count: number }
  | { readonly type: 'head' | 'ask' | 'answer' };

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    type: fc.constantFrom('insert' as const, 'remove' as const),
    at: fc.oneof(fc.constant(0), fc.nat(100)),
    count: fc.integer({ min: 1, max: 8 }),
  }),
  fc.record({ type: fc.constantFrom('head' as const, 'ask' as const, 'answer' as const) }),
);

describe('a list that is shown live while it is read page by page', () => {
  test('has each job that stays exactly once and in order, whatever comes, goes and overtakes', () => {
    fc.assert(
      fc.property(fc.nat(15), fc.array(anyStep, { maxLength: 40 }), (size, steps) => {
        const world = createWorld(size);
        for (const step of steps) {
          world.take(step);
          expectOnceInOrder(world);
        }
        world.take({ type: 'head' });
        world.fill();
        expectNoneMissing(world);
      }),
      { numRuns: 300 },
    );
  });

  test('is the list itself as far as it was read, if no job comes behind its head while another one goes', () => {
    fc.assert(
      fc.property(fc.nat(15), fc.array(anyStep, { maxLength: 40 }), (size, steps) => {
        const world = createWorld(size);
        world.take({ type: 'head' });
        for (const step of steps) world.takeSingly(step);
        world.take({ type: 'head' });
        world.fill();
        expect(world.shown()).toEqual(world.listed().slice(0, world.shown().length));
      }),
      { numRuns: 600 },
    );
  });

  test('is the list itself once it was checked again to its end', () => {
    fc.assert(
      fc.property(fc.nat(15), fc.array(anyStep, { maxLength: 40 }), (size, steps) => {
        const world = createWorld(size);
        for (const step of steps) world.take(step);
        world.take({ type: 'answer' });
        world.take({ type: 'head' });
        world.check();
        world.fill({ toEnd: true });
        expect(world.shown()).toEqual(world.listed());
      }),
      { numRuns: 300 },
    );
  });
});

type World = ReturnType<typeof createWorld>;

/** A list at the gateway that changes, and a client that shows it. */
function createWorld(size: number) {
  const numbers = Array.from({ length: size }, (_, index) => (size - index) * 2 ** 20);
  const used = new Set(numbers);
  let list: LiveList<Row> = emptyList;
  let reads = 0;
  /** The page that is on its way. */
  let pending: {
    readonly page: ListPage<Row>;
    readonly after: string;
    readonly rechecks: number;
  } | null = null;
  /** The rows that must be shown: those of the first head's list, and those that came before all others since. */
  let owed: Set<number> | null = null;

  function pageBehind(place: number): ListPage<Row> {
    reads += 1;
    const behind = numbers.filter((number) => number < place);
    return {
      rows: behind
        .slice(0, PAGE_SIZE)
        .map((number) => ({ number, cursor: `${number}@${reads}`, weight: weightOf(number) })),
      totalCount: numbers.reduce((sum, number) => sum + weightOf(number), 0),
      hasNextPage: behind.length > PAGE_SIZE,
    };
  }

  function insert(at: number, count: number) {
    for (let left = count; left > 0; left -= 1) {
      const index = at % (numbers.length + 1);
      const below = numbers[index] ?? 0;
      // No job comes back: what comes before all others is newer than all that ever were.
      const above = numbers[index - 1] ?? Math.max(...used, below) + 2 ** 21;
      const number = (above + below) / 2;
      if (number === below || number === above || used.has(number)) return;
      used.add(number);
      numbers.splice(index, 0, number);
      if (index === 0) owed?.add(number);
    }
  }

  function ask() {
    const after = nextCursor(list, keyOf);
    if (after === null) return;
    pending = { page: pageBehind(Number(after.split('@')[0])), after, rechecks: list.rechecks };
  }

  function answer() {
    if (pending === null) return;
    const { page, after, rechecks } = pending;
    pending = null;
    const isOld = rechecks !== list.rechecks;
    if (isOld && !page.hasNextPage) return;
    list = mergePage(list, page, after, keyOf);
    if (isOld) list = recheck(list, list.head?.length ?? 0, keyOf);
  }

  function takeHead() {
    list = mergePage(list, pageBehind(Number.POSITIVE_INFINITY), null, keyOf);
    owed ??= new Set(numbers);
  }

  function take(step: Step) {
    if (step.type === 'insert') insert(step.at, step.count);
    if (step.type === 'remove') {
      const gone = numbers.splice(step.at % (numbers.length + 1), step.count);
      for (const number of gone) owed?.delete(number);
    }
    if (step.type === 'head') takeHead();
    if (step.type === 'ask' && pending === null) ask();
    if (step.type === 'answer') answer();
  }

  return {
    take,
    /** The same, but the client sees each job go, and each that does not come before all others, before the next one. */
    takeSingly(step: Step) {
      if (!('count' in step) || (step.type === 'insert' && step.at === 0)) return take(step);
      takeHead();
      for (let left = step.count; left > 0; left -= 1) {
        take({ ...step, count: 1 });
        takeHead();
      }
    },
    /** Reads what is missing in the middle, as a client does at once, or all there is. */
    fill({ toEnd = false } = {}) {
      answer();
      for (let turn = 0; turn < 1000; turn += 1) {
        const cursor = nextCursor(list, keyOf);
        if (cursor === null || (!toEnd && cursor === list.rows.at(-1)?.cursor)) return;
        ask();
        answer();
      }
      throw new Error('A list must come to its end, but it is read on and on.');
    },
    check() {
      list = recheck(list, PAGE_SIZE, keyOf);
    },
    listed: () => [...numbers],
    shown: () => list.rows.map(({ number }) => number),
    owed: () => numbers.filter((number) => owed?.has(number)),
  };
}

function expectOnceInOrder(world: World) {
  const shown = world.shown();
  expect(shown).toEqual([...new Set(shown)]);
  const listed = new Set(world.listed());
  const alive = shown.filter((number) => listed.has(number));
  expect(alive).toEqual(alive.toSorted((one, other) => other - one));
}

/** All that is owed, down to the last row that is shown and still there. */
function expectNoneMissing(world: World) {
  const shown = world.shown();
  const listed = new Set(world.listed());
  const end = shown.filter((number) => listed.has(number)).at(-1) ?? Number.POSITIVE_INFINITY;
  const owed = world.owed().filter((number) => number >= end);
  expect(shown.filter((number) => owed.includes(number))).toEqual(owed);
}
