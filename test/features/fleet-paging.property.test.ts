import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createTestFleet } from '../support/create-test-fleet.ts';
import type { Answer } from '../support/create-test-gateway.ts';
import { aJob, type RawJob } from '../support/job-builder.ts';
import { type JobLists, jobService } from '../support/job-service.ts';
import { passTime } from '../support/pass-time.ts';

const REPLICAS = 3;
const KEYS = ['alice-key', 'bob-key'];

/** What happens to a list between two pages. */
const anyChange = fc.oneof(
  fc.record({ kind: fc.constant('insert' as const), list: fc.nat(1), count: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ kind: fc.constant('remove' as const), list: fc.nat(1), at: fc.nat(999) }),
  fc.record({ kind: fc.constant('end' as const), list: fc.nat(1), at: fc.nat(999) }),
);

type Change = typeof anyChange extends fc.Arbitrary<infer Value> ? Value : never;

const anyStory = fc.record({
  lengths: fc.tuple(fc.integer({ min: 0, max: 70 }), fc.integer({ min: 0, max: 40 })),
  isTeam: fc.boolean(),
  size: fc.integer({ min: 1, max: 30 }),
  /** What happens before each page: which replica is asked, what changes, and how much time passes, in milliseconds. */
  turns: fc.array(
    fc.record({
      replica: fc.nat(REPLICAS - 1),
      changes: fc.array(anyChange, { maxLength: 3 }),
      ms: fc.constantFrom(0, 0, 1, 500, 2500),
    }),
    { minLength: 1, maxLength: 12 },
  ),
  /** One of so many bells is lost; 0 for none. */
  bellsLost: fc.constantFrom(0, 1, 2, 3),
});

type Story = typeof anyStory extends fc.Arbitrary<infer Value> ? Value : never;

/** Lists that change, and the jobs that were in them all the time. */
function openLists(lengths: readonly number[]) {
  let created = 0;
  const newJob = (list: number): RawJob => {
    created += 1;
    const createdAt = new Date(Date.UTC(2026, 0, 1) + created * 1000).toISOString();
    return aJob(`${KEYS[list]}:${created}`, { timeStamps: { createdAt } });
  };
  const lists: JobLists = Object.fromEntries(
    KEYS.map((key, list) => [key, Array.from({ length: lengths[list] ?? 0 }, () => newJob(list)).reverse()]),
  );
  const lasting = new Set(Object.values(lists).flatMap((jobs) => jobs.map(({ jobQrn }) => jobQrn)));
  return {
    lists,
    lasting,
    change(change: Change): void {
      const jobs = lists[KEYS[change.list] ?? ''] ?? [];
      if (change.kind === 'insert') {
        for (let index = 0; index < change.count; index += 1) jobs.unshift(newJob(change.list));
        return;
      }
      const at = change.at % Math.max(1, jobs.length);
      const job = jobs[at];
      if (job === undefined) return;
      if (change.kind === 'end') jobs[at] = { ...job, status: 'COMPLETED', cost: 1 };
      else {
        jobs.splice(at, 1);
        lasting.delete(job.jobQrn);
      }
    },
  };
}

const PAGE = `query ($first: Int, $after: String) {
  jobs(first: $first, after: $after) { nodes { qrn } pageInfo { hasNextPage endCursor } }
}`;

interface ShownPage {
  readonly nodes: readonly { readonly qrn: string }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

/** Reads all pages, each on the replica that the story says, and gives what was seen and what had to be. */
async function readAll({ lengths, isTeam, size, turns, bellsLost }: Story) {
  const { lists, lasting, change } = openLists(lengths);
  const { replicas, server, clock } = await createTestFleet(jobService(lists), { size: REPLICAS });
  let bells = 0;
  server.dropBells(() => {
    bells += 1;
    return bellsLost > 0 && bells % bellsLost === 0;
  });
  const seen: string[] = [];
  let after: string | null = null;
  for (let turn = 0; turn < 200; turn += 1) {
    const { replica, changes, ms } = turns[turn % turns.length] as Story['turns'][number];
    // Lists that go on to grow would be paged through for ever.
    if (turn > 0 && turn < turns.length) changes.forEach(change);
    if (ms > 0) await passTime({ clock }, ms);
    const keys = isTeam ? { keys: KEYS.join() } : { key: 'alice-key' };
    const answer: Answer | undefined = await replicas[replica]?.query(PAGE, {
      ...keys,
      variables: { first: size, after },
    });
    if (answer === undefined || answer.errors !== undefined) throw new Error(JSON.stringify(answer));
    const { jobs }: { readonly jobs: ShownPage } = answer.data;
    seen.push(...jobs.nodes.map(({ qrn }) => qrn));
    after = jobs.pageInfo.endCursor ?? after;
    if (!jobs.pageInfo.hasNextPage) break;
  }
  const isWanted = (qrn: string) => isTeam || qrn.startsWith('alice-key');
  return { seen, lasting: [...lasting].filter(isWanted) };
}

describe('pages of a changing list, each read on any replica, with bells that are lost', () => {
  test('show each job that stayed exactly once', async () => {
    await fc.assert(
      fc.asyncProperty(anyStory, async (story) => {
        const { seen, lasting } = await readAll(story);
        expect(seen.filter((qrn, index) => seen.indexOf(qrn) !== index)).toEqual([]);
        expect(lasting.filter((qrn) => !seen.includes(qrn))).toEqual([]);
      }),
      { seed: 20_261_126, numRuns: Number(process.env['PAGING_RUNS'] ?? 15) },
    );
  });
});
