import { describe, expect, test } from 'vitest';
import { createSeededRandom } from '../../src/sandbox/seeded-random.ts';
import { createTestGateway } from '../support/create-test-gateway.ts';
import { aJob, type RawJob } from '../support/job-builder.ts';
import { jobService } from '../support/job-service.ts';
import { openApollo, openUrql, type PageVariables, type ShownJobs } from '../support/paging-clients.ts';

type Way = 'forward' | 'backward';

/**
 * Changes everybody's jobs, the newest first, between two pages, knowing what is shown by then; returns how many
 * milliseconds that takes.
 */
type Change = (jobs: RawJob[], shown: readonly string[]) => number;

const JOB_COUNT = 240;
const PAGE_SIZE = 40;
/** Far more than a list takes: one that does not end must not go on behind the test. */
const MAX_PAGES = 100;

describe.each([
  ['Apollo Client', openApollo],
  ['urql', openUrql],
])('%s', (_, openClient) => {
  describe.each<[whose: string, way: Way, keys: string[]]>([
    ['one key', 'forward', ['alice-key']],
    ['one key', 'backward', ['alice-key']],
    ['a team', 'forward', ['alice-key', 'bob-key']],
    ['a team', 'backward', ['alice-key', 'bob-key']],
  ])('shows the list of %s, read %s,', (_whose, way, keys) => {
    test('with each job that stays once while others come, go and end', async () => {
      const { before, shown, after, received } = await walk(openClient, way, keys, createBustle('1'));
      const stayed = before.filter((qrn) => after.includes(qrn));
      expect(shown.filter((qrn) => stayed.includes(qrn))).toEqual(stayed);
      expect(received).toEqual([...new Set(received)]);
    });

    test('with each job once though all of them end as soon as they are shown', async () => {
      const { before, shown, received } = await walk(openClient, way, keys, endWhatIsShown);
      expect(shown).toEqual(before);
      expect(received).toHaveLength(before.length);
    });
  });
});

/** Reads the list of running jobs to its end, while it changes between the pages and time goes on. */
async function walk(openClient: typeof openApollo, way: Way, keys: readonly string[], change: Change) {
  const jobs = Array.from({ length: JOB_COUNT }, (_, index) => jobOf(JOB_COUNT - 1 - index));
  const { yoga, clock } = await createTestGateway((request) =>
    jobService({
      'alice-key': jobs.filter((job) => isOf('alice-key', job)),
      'bob-key': jobs.filter((job) => isOf('bob-key', job)),
    })(request),
  );
  const received: string[] = [];
  const client = openClient({
    headers: keys.length > 1 ? { 'x-api-keys': keys.join() } : { 'x-api-key': keys.join() },
    async fetch(input, init) {
      const response = await yoga.fetch(new Request(input, init));
      const { data } = await response.clone().json();
      received.push(...qrnsOf(data?.jobs ?? { edges: [] }));
      return response;
    },
  });
  const listed = () =>
    jobs
      .filter((job) => job['status'] === 'RUNNING' && keys.some((key) => isOf(key, job)))
      .map(({ jobQrn }) => jobQrn);

  const before = listed();
  let shown = await client.read(pageBeyond(way));
  const hasMore = () => (way === 'forward' ? shown.pageInfo.hasNextPage : shown.pageInfo.hasPreviousPage);
  for (let pages = 1; hasMore() && pages < MAX_PAGES; pages += 1) {
    clock.advance(change(jobs, qrnsOf(shown)));
    shown = await client.read(pageBeyond(way, shown));
  }
  return { before, shown: qrnsOf(shown), after: listed(), received };
}

function pageBeyond(way: Way, shown?: ShownJobs): PageVariables {
  return way === 'forward'
    ? { first: PAGE_SIZE, after: shown?.pageInfo.endCursor ?? null }
    : { last: PAGE_SIZE, before: shown?.pageInfo.startCursor ?? null };
}

function qrnsOf({ edges }: Pick<ShownJobs, 'edges'>): string[] {
  return edges.map(({ node }) => node?.qrn ?? 'unreadable');
}

/** Two jobs are deleted anywhere, four run or end, three are submitted; the oldest one stays. */
function createBustle(seed: string): Change {
  const random = createSeededRandom(seed);
  let count = JOB_COUNT;
  return (jobs) => {
    const anywhere = () => random.integer(0, jobs.length - 2);
    for (const index of [anywhere(), anywhere()]) jobs.splice(index, 1);
    for (const index of [anywhere(), anywhere(), anywhere(), anywhere()]) goOn(jobs, index);
    for (const number of [count, count + 1, count + 2]) jobs.unshift(jobOf(number));
    count += 3;
    return random.pick([0, 500, 5000]);
  };
}

function endWhatIsShown(jobs: RawJob[], shown: readonly string[]): number {
  for (const [index, { jobQrn, status }] of jobs.entries()) {
    if (status === 'RUNNING' && shown.includes(jobQrn)) goOn(jobs, index);
  }
  return 0;
}

/** Lets a job run that is queued, and any other end. */
function goOn(jobs: RawJob[], index: number): void {
  const job = jobs[index];
  if (job === undefined) return;
  jobs[index] = { ...job, status: job['status'] === 'QUEUED' ? 'RUNNING' : 'COMPLETED' };
}

/** A job's number tells its age, whose it is, and whether it runs at first. */
function jobOf(number: number): RawJob {
  return aJob(`qbraid:job:${number}`, {
    shots: number,
    status: number % 7 === 3 ? 'QUEUED' : 'RUNNING',
    timeStamps: { createdAt: new Date(Date.UTC(2026, 0, 14) + number * 1000).toISOString() },
  });
}

/** A third of the jobs is Alice's, a third is Bob's, and a third is of both. */
function isOf(key: string, { shots }: RawJob): boolean {
  return Number(shots) % 3 !== (key === 'alice-key' ? 1 : 2);
}
