import fc from 'fast-check';
import { ChangingList, type ListedJob } from './changing-list.ts';

/** Something that happens to a list at once. */
export interface Change {
  /** `nearby` jobs leave around where the client stands; those that `return` left before. */
  readonly kind: 'submit' | 'leave' | 'nearby' | 'enter' | 'return';
  /** Which jobs, of those that there are. */
  readonly at: number;
  readonly count: number;
  /** How many turns the answer takes: pages that are asked for at once come in any order. */
  readonly turns: number;
}

/** What a list is like. */
export interface ListShape {
  /** How many jobs are there at first, or may enter. */
  readonly length: number;
  /** Every so many of them are not there at first: 0 for none. */
  readonly absentEvery: number;
  /** So many jobs at a time were created at the same moment. */
  readonly tie: number;
  readonly order: 'newest-first' | 'oldest-first' | 'none';
  /** Every so many jobs cannot be read, half of them without a name: 0 for none. */
  readonly faultEvery: number;
}

/** Page sizes, with those around which the upstream's own pages break. */
export const anySizes = fc.array(
  fc.oneof(
    fc.integer({ min: 1, max: 5 }),
    fc.integer({ min: 1, max: 60 }),
    fc.constantFrom(49, 50, 51, 99, 100, 101, 250, 500),
  ),
  { minLength: 1, maxLength: 8 },
);

export const anyLength = fc.oneof(fc.nat(12), fc.nat(150), fc.nat(900));

const anyChange: fc.Arbitrary<Change> = fc.record({
  kind: fc.constantFrom('submit', 'leave', 'nearby', 'enter', 'return'),
  at: fc.nat(10_000),
  count: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 40 })),
  turns: fc.nat(4),
});

/** What happens before each page: often nothing. */
export const anyChanges: fc.Arbitrary<readonly (readonly Change[])[]> = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    { weight: 2, arbitrary: fc.array(anyChange, { maxLength: 3 }) },
  ),
  { maxLength: 60 },
);

/** Jobs that are not there at first, to be submitted at the head. */
const UNSUBMITTED = 80;

/** The jobs of a list of this shape, by rank: those that are yet to be submitted, and those that may be there. */
export function jobsOf({ length, tie, order, faultEvery }: ListShape, label = 'q'): readonly ListedJob[] {
  const count = UNSUBMITTED + length;
  return Array.from({ length: count }, (_, rank) => {
    const moment = Math.floor((order === 'oldest-first' ? count - rank : rank) / tie);
    // A prime apart, so that neighbours are in no order.
    const seconds = order === 'none' ? (rank * 7919) % 10_007 : -moment;
    return {
      name: `${label}:${rank}`,
      rank,
      createdAtMs: 1e12 + seconds * 1000,
      fault: faultAt(rank, faultEvery),
    };
  });
}

function faultAt(rank: number, every: number): ListedJob['fault'] {
  if (every === 0 || rank % every !== 1) return 'none';
  return rank % (2 * every) === 1 ? 'named' : 'nameless';
}

/** Whether a job may be in its list without having been submitted. */
function isOld({ rank }: ListedJob): boolean {
  return rank >= UNSUBMITTED;
}

/** Makes the list of some jobs, as a shape has it at first. */
export function openList(
  jobs: readonly ListedJob[],
  { absentEvery }: Pick<ListShape, 'absentEvery'>,
): ChangingList {
  return new ChangingList(jobs, (job) => isOld(job) && (absentEvery === 0 || job.rank % absentEvery !== 0));
}

/** Lets things happen to a list. */
export class ListHistory {
  readonly #changes: (readonly Change[])[];
  readonly #left: ListedJob[] = [];
  /** Where the client stands. */
  near: ListedJob | null = null;
  /** Jobs that may not leave. */
  readonly held = new Set<ListedJob>();

  constructor(changes: readonly (readonly Change[])[]) {
    this.#changes = [...changes];
  }

  /** What happens next, to these lists, each of which may hold the job in question. */
  async next(list: ChangingList, others: readonly ChangingList[] = []): Promise<void> {
    const changes = this.#changes.shift() ?? [];
    for (let turn = changes[0]?.turns ?? 0; turn > 0; turn -= 1) await Promise.resolve();
    for (const change of changes) {
      for (let index = 0; index < change.count; index += 1) this.#apply(change, index, list, others);
    }
  }

  /** Nothing happens any more. */
  end(): void {
    this.#changes.length = 0;
  }

  #apply({ kind, at }: Change, index: number, list: ChangingList, others: readonly ChangingList[]): void {
    const lists = [list, ...others];
    const enter = (job: ListedJob | undefined) => {
      if (job !== undefined) for (const each of lists) each.enter(job);
    };
    const leave = (job: ListedJob | undefined) => {
      if (job === undefined || this.held.has(job)) return;
      this.#left.push(job);
      for (const each of lists) each.leave(job);
    };
    const pick = (jobs: readonly ListedJob[]) => jobs[(at + index * 3) % Math.max(1, jobs.length)];
    if (kind === 'submit') enter(list.absent.findLast((job) => !isOld(job)));
    if (kind === 'leave') leave(pick(list.present));
    if (kind === 'nearby') leave(list.present[this.#indexNearby(list) - (at % 5)]);
    if (kind === 'enter') enter(pick(list.absent.filter(isOld)));
    if (kind === 'return') enter(this.#left.pop());
  }

  #indexNearby({ present }: ChangingList): number {
    const { near } = this;
    return near === null ? -1 : present.findIndex(({ rank }) => rank >= near.rank);
  }
}
