import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isFailure } from '../../src/jobs/failures.ts';
import type { JobConnectionView } from '../../src/paging/job-connection.ts';
import { UpstreamError } from '../../src/upstream/upstream-error.ts';
import type { ChangingList, ListedJob } from '../support/changing-list.ts';
import { createListClient, type ListedKey } from '../support/list-client.ts';
import { anyChanges, anyLength, anySizes, jobsOf, ListHistory, openList } from '../support/list-history.ts';

type Way = 'forward' | 'backward';

const LABELS = ['alice', 'bob', 'carol', 'dave'];

const story = fc.record({
  keys: fc.integer({ min: 2, max: LABELS.length }),
  length: anyLength,
  tie: fc.constantFrom(1, 1, 2, 5),
  /** Of ten jobs, so many are in each list besides that of their owner. */
  shared: fc.constantFrom(0, 0, 1, 5, 10),
  changes: anyChanges,
  sizes: anySizes,
  /** Which key fails while which page is read; beyond the keys, none. */
  failures: fc.array(fc.nat(6), { maxLength: 10 }),
  dice: fc.infiniteStream(fc.nat(1000)),
});

type Story = typeof story extends fc.Arbitrary<infer Value> ? Value : never;

/** `PAGING_RUNS` tries more. */
const numRuns = Number(process.env['PAGING_RUNS'] ?? 15);

const holds = (property: (each: Story) => Promise<void>) =>
  fc.assert(fc.asyncProperty(story, property), { numRuns });

interface Edge {
  readonly cursor: string;
  readonly job: ListedJob;
}

/** A client with several keys, and what happens to their lists. */
interface Team {
  readonly lists: readonly ChangingList[];
  readonly history: ListHistory;
  /** The key that fails just now: none where there is no such key. */
  down: number;
  /** Whether a job could be in the list of a key. */
  isListed(job: ListedJob, key: number): boolean;
  /** Reads a page; the keys come in the opposite order if they are turned. */
  read(way: Way, size: number, from: Edge | null, isTurned?: boolean): Promise<TeamPage>;
}

interface TeamPage {
  readonly edges: readonly Edge[];
  /** For each edge, the labels that it was shown with, in the order of the alphabet. */
  readonly labels: readonly (readonly string[])[];
  readonly hasMore: boolean;
}

function openTeam({ keys, length, tie, shared, changes }: Story): Team {
  const jobs = jobsOf({ length, absentEvery: 10, tie, order: 'newest-first', faultEvery: 0 });
  const byName = new Map(jobs.map((job) => [job.name, job]));
  // Numbers that look like chance, but are the same for the same job and key.
  const isListed = ({ rank }: ListedJob, key: number) =>
    (rank * 7919) % keys === key || ((rank * 31 + key * 17) * 7919) % 10 < shared;
  const lists = LABELS.slice(0, keys).map((_, key) =>
    openList(
      jobs.filter((job) => isListed(job, key)),
      { absentEvery: 10 },
    ),
  );
  const history = new ListHistory(changes);
  const team: Team = { lists, history, down: -1, isListed, read };
  const members = lists.map(
    (list, key): ListedKey => ({
      label: LABELS[key] ?? '',
      list,
      async beforePage() {
        await history.next(list);
        if (team.down === key) throw new UpstreamError('unavailable', 'The qBraid API is down.');
      },
    }),
  );
  const [client, turned] = [createListClient(members), createListClient(members.toReversed())];

  async function read(way: Way, size: number, from: Edge | null, isTurned = false): Promise<TeamPage> {
    history.near = from?.job ?? null;
    const cursor = from?.cursor;
    const window = way === 'forward' ? { first: size, after: cursor } : { last: size, before: cursor };
    const view: JobConnectionView = await (isTurned ? turned : client).read(window);
    const nodes = view.edges.map(({ node, cursor }) => {
      if (isFailure(node)) throw node;
      return { cursor: cursor(), job: byName.get(node.job.qrn) as ListedJob, keys: node.keys };
    });
    return {
      edges: nodes,
      labels: nodes.map(({ keys }) => keys.toSorted()),
      hasMore: way === 'forward' ? view.hasNextPage : view.hasPreviousPage,
    };
  }
  return team;
}

/** All that a client is shown that reads the whole list, one way, while keys fail; in the order of the list. */
async function walk(team: Team, { sizes, failures }: Story, way: Way): Promise<readonly ListedJob[]> {
  const pages: (readonly ListedJob[])[] = [];
  for (let from: Edge | null = null; ; ) {
    team.down = failures[pages.length] ?? -1;
    const isWhole = team.lists[team.down] === undefined;
    const size = sizes[pages.length % sizes.length] ?? 50;
    const { edges, hasMore } = await team.read(way, size, from, pages.length % 2 === 1);
    pages.push(edges.map(({ job }) => job));
    // Without the key that is down, nothing may follow as far as one can see: then one looks again later.
    if (!hasMore && isWhole) return (way === 'forward' ? pages : pages.reverse()).flat();
    const edge: Edge | undefined = way === 'forward' ? edges.at(-1) : edges[0];
    if (edge === undefined && isWhole) throw new Error('A page without jobs, though others follow.');
    from = edge ?? from;
  }
}

/** Whether the lists that can hold a job have held it all along. */
function isSteady(team: Team, job: ListedJob): boolean {
  return team.lists.every((list, key) => !team.isListed(job, key) || list.isSteady(job, 0));
}

/** Whether a list has so few jobs left that it shows no order, so that a lost place in it cannot be found by time. */
function isFlat({ present }: ChangingList): boolean {
  return new Set(present.map(({ createdAtMs }) => createdAtMs)).size < 2;
}

describe.each<Way>(['forward', 'backward'])('a walk %s over several keys', (way) => {
  test('sees exactly once what stays with each key, the newest first and in the order of each list', () =>
    holds(async (each) => {
      const team = openTeam(each);
      const seen = await walk(team, { ...each, failures: [] }, way);
      const steady = seen.filter((job) => isSteady(team, job));
      const stayed = team.lists.flatMap(({ present }) => present).filter((job) => isSteady(team, job));
      expect(stayed.filter((job) => !seen.includes(job))).toEqual([]);
      if (each.tie > 1 || team.lists.some(isFlat)) return;
      expect(steady).toEqual([...new Set(stayed)].sort((a, b) => a.rank - b.rank));
    }));

  test('goes on with a key that failed from where it stood', () =>
    holds(async (each) => {
      const team = openTeam({ ...each, shared: 0 });
      const seen = await walk(team, each, way);
      for (const list of team.lists) {
        const stayed = list.present.filter((job) => list.isSteady(job, 0));
        const own = seen.filter((job) => stayed.includes(job));
        expect(stayed.filter((job) => !own.includes(job))).toEqual([]);
        if (each.tie === 1 && !isFlat(list)) expect(own).toEqual(stayed);
      }
    }));
});

/** The part of a sequence that a page is, from an edge on or from an end. */
function partOf(sequence: readonly ListedJob[], way: Way, size: number, from: Edge | null) {
  const isForward = way === 'forward';
  const outside = isForward ? -1 : sequence.length;
  const at = from === null ? outside : sequence.indexOf(from.job);
  const [start, end] = isForward ? [at + 1, at + 1 + size] : [Math.max(0, at - size), at];
  return { jobs: sequence.slice(start, end), hasMore: isForward ? end < sequence.length : start > 0 };
}

test('every page of lists that do not change is a part of one sequence, whichever way it is read', () =>
  holds(async (each) => {
    const team = openTeam(each);
    team.history.end();
    const sequence = await walk(team, { ...each, sizes: [100], failures: [] }, 'forward');
    expect(new Set(sequence)).toEqual(new Set(team.lists.flatMap(({ present }) => present)));
    const holdersOf = (job: ListedJob) => LABELS.filter((_, key) => team.lists[key]?.present.includes(job));

    const dice = (sides: number) => (each.dice.next().value ?? 0) % sides;
    const edges: (Edge | null)[] = [null];
    for (const size of [...each.sizes, 0, 1, 2, ...each.sizes]) {
      const from = edges[dice(edges.length)] ?? null;
      const way = dice(2) === 0 ? 'forward' : 'backward';
      const page = await team.read(way, size, from, dice(2) === 0);
      const jobs = page.edges.map(({ job }) => job);
      expect({ jobs, hasMore: page.hasMore }).toEqual(partOf(sequence, way, size, from));
      expect(page.labels).toEqual(jobs.map(holdersOf));
      edges.push(...page.edges.slice(0, 1), ...page.edges.slice(-1));
    }
  }));
