import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JobList } from '../../pages/live-jobs/job-list.js';

const HEAD = 3;
const PAGE = 4;

interface TestJob {
  readonly id: string;
  readonly keys: readonly string[];
  readonly hasLeft?: boolean;
}

const fits = (job: TestJob) => job.hasLeft !== true;

describe('the list of the live page', () => {
  test('loses and repeats no job, whatever happens to the list while somebody scrolls', () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 60 }), fc.nat(20), (steps, length) => {
        const { list, upstream, act, settle } = openList(length);
        for (const step of steps) {
          act(step);
          const ids = idsOf(list);
          expect(new Set(ids).size).toBe(ids.length);
        }
        settle();
        expect(idsOf(list)).toEqual(upstream.slice(0, list.jobs.length).map(({ id }) => id));
        expect(list.hasMore).toBe(list.jobs.length < upstream.length);
      }),
      { numRuns: 500 },
    );
  });

  test('keeps the jobs that new ones push out of the head', () => {
    const list = new JobList(fits);
    list.showHead(headOf(jobs('a b c d')));
    list.showHead(headOf(jobs('x y a b c d')));
    expect(idsOf(list)).toEqual(['x', 'y', 'a', 'b', 'c']);
  });

  test('reads on between the head and the older jobs if more new ones came than the head holds', () => {
    const list = new JobList(fits);
    list.showHead(headOf(jobs('a b c d')));
    list.showHead(headOf(jobs('w x y z a b c d')));
    expect([idsOf(list), list.isTorn, list.next?.cursor]).toEqual([
      ['w', 'x', 'y', 'a', 'b', 'c'],
      true,
      'y',
    ]);
  });

  test('reads what is behind the head again if a job came into it, and asks for nothing if it only moved down', () => {
    const { list, upstream, act } = openList(6);
    act({ kind: 'ask' });
    act({ kind: 'answer' });
    upstream.unshift(...jobs('new'));
    act({ kind: 'poll' });
    expect(list.isTorn).toBe(false);
    upstream.splice(5, 0, ...jobs('entered'));
    act({ kind: 'poll' });
    expect(list.isTorn).toBe(true);
  });
});

interface Change {
  readonly index: number;
  readonly keys: number;
}

interface Step extends Partial<Change> {
  readonly kind: 'insert' | 'remove' | 'poll' | 'ask' | 'answer';
}

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constantFrom<Step['kind']>('insert', 'remove'),
    index: fc.oneof(fc.constant(0), fc.nat(20)),
    keys: fc.integer({ min: 1, max: 2 }),
  }),
  fc.record({ kind: fc.constantFrom<Step['kind']>('poll', 'ask', 'answer') }),
);

/**
 * A list of so many jobs, the live page's view of it, and what may happen to both. Each job that comes into the middle of the
 * list, and each that leaves it where nobody looks, is seen by a poll of its own: what only their number tells is not seen
 * if one comes while another leaves.
 */
function openList(length: number) {
  const upstream: TestJob[] = Array.from({ length }, (_, index) => job(`old-${index}`));
  const list = new JobList(fits);
  const answers: (() => void)[] = [];
  /** The jobs that left the list since the last poll. The page watches the older ones that it shows. */
  let left: TestJob[] = [];
  let made = 0;
  const poll = () => {
    list.showHead(headOf(upstream));
    for (const gone of left) list.update({ ...gone, hasLeft: true } as TestJob);
    left = [];
    if (list.isTorn) ask();
  };
  const ask = () => {
    const place = list.next;
    // One page is on its way at a time.
    if (place === null || answers.length > 0) return;
    const start = upstream.findIndex(({ id }) => id === place.cursor) + 1;
    // The gateway finds the place of a job that left. Here, that page is empty, and what it says is not believed.
    const page = start === 0 ? null : pageOf(upstream, start, PAGE);
    answers.push(() => page !== null && list.showPage(place, page));
  };
  const answer = () => {
    answers.shift()?.();
    if (list.isTorn) ask();
  };
  const insert = ({ index, keys }: Change) => {
    made += 1;
    upstream.splice(Math.min(index, upstream.length), 0, job(`new-${made}`, keys));
    if (index > 0) poll();
  };
  const remove = ({ index }: Change) => {
    const [gone] = upstream.splice(index, 1);
    if (gone === undefined) return;
    left.push(gone);
    if (!list.jobs.includes(gone)) poll();
  };
  const acts = { poll, ask, answer, insert, remove };
  poll();
  return {
    list,
    upstream,
    act: ({ kind, ...change }: Step) => acts[kind]({ index: 0, keys: 1, ...change }),
    /** Nothing happens any more, and all answers come. */
    settle() {
      poll();
      for (let turn = 0; turn < 100 && (answers.length > 0 || list.isTorn); turn += 1) answer();
    },
  };
}

function headOf(all: readonly TestJob[]) {
  return pageOf(all, 0, HEAD);
}

function pageOf(all: readonly TestJob[], start: number, length: number) {
  const nodes = all.slice(start, start + length);
  return {
    edges: nodes.map((node) => ({ cursor: node.id, node })),
    pageInfo: { hasNextPage: start + length < all.length },
    totalCount: all.reduce((sum, { keys }) => sum + keys.length, 0),
    fetchedAt: '2026-01-14T10:00:00.000Z',
    sources: [],
  };
}

function job(id: string, keys = 1): TestJob {
  return { id, keys: Array.from({ length: keys }, (_, index) => `key-${index}`) };
}

function jobs(ids: string): TestJob[] {
  return ids.split(' ').map((id) => job(id));
}

function idsOf(list: JobList): string[] {
  return list.jobs.map(({ id }) => id);
}
