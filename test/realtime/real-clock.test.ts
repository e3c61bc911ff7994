import { setTimeout } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import { toGlobalId } from '../../src/graphql/global-id.ts';
import { createChangingService } from '../support/changing-service.ts';
import { openStreamAt } from '../support/event-stream.ts';
import { someJobs } from '../support/job-builder.ts';
import type { UpstreamScript } from '../support/scripted-upstream.ts';
import { startTestGateway } from '../support/start-test-gateway.ts';

/** How long each test goes on. `npm run soak` lets it go on for minutes. */
const RUN_MS = 1000 * Number(process.env['REALTIME_SECONDS'] ?? 3);

/** The ordinary `FRESH_ACTIVE_MS` and `WATCH_MIN_INTERVAL_MS`. */
const FRESH_MS = 2000;

/** How much longer a machine with other work may take. What is really late is late by a deadline of 30 s. */
const SLACK_MS = 5000;

const KEY = 'alice-key';
const JOBS_BY_ID = 'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Job { qrn shots } } }';
const LISTS =
  'query ($first: Int) { jobs(first: $first) { totalCount nodes { qrn shots } } count: jobs { totalCount } }';
const WALK =
  'query ($first: Int, $after: String) { jobs(first: $first, after: $after) { nodes { qrn } pageInfo { endCursor hasNextPage } } }';
const LIST = '{ jobs(first: 100) { totalCount nodes { qrn shots } } }';
const JOB_STREAM = 'subscription ($qrns: [String!]!) { jobUpdated(qrns: $qrns) { qrn shots } }';
const LIST_STREAM = 'subscription { jobsChanged(first: 100) { totalCount nodes { qrn shots } } }';

interface SeenJob {
  readonly qrn: string;
  readonly shots: number;
}

/** Calls `act` again and again until the run is over. */
async function repeat(everyMs: number, act: (round: number) => unknown): Promise<void> {
  const endMs = performance.now() + RUN_MS;
  for (let round = 0; performance.now() < endMs; round += 1) {
    await act(round);
    await setTimeout(everyMs);
  }
}

/** Judges what one client sees: no job may ever be older than the client has seen it. */
function createWitness() {
  const seen = new Map<string, number>();
  const faults: string[] = [];
  return {
    faults,
    see(jobs: readonly SeenJob[]) {
      for (const { qrn, shots } of jobs) {
        const before = seen.get(qrn) ?? 0;
        if (shots < before) faults.push(`${qrn} went from ${before} to ${shots}`);
        seen.set(qrn, Math.max(before, shots));
      }
    },
  };
}

/** Lets tabs that are out of step act again and again until the run is over. Each has a witness of its own. */
async function openTabs(
  { tabs, everyMs }: { readonly tabs: number; readonly everyMs: number },
  act: (witness: ReturnType<typeof createWitness>, tab: number) => Promise<void>,
): Promise<readonly string[]> {
  const faults = await Promise.all(
    Array.from({ length: tabs }, async (_, tab) => {
      const witness = createWitness();
      await setTimeout((tab * everyMs) / tabs);
      await repeat(everyMs, () => act(witness, tab));
      return witness.faults;
    }),
  );
  return faults.flat();
}

/** How many polls follow each other as soon as freshness allows, and a few at the beginning. */
const MOST_POLLS = RUN_MS / FRESH_MS + 3;

describe.concurrent('on the real clock', { timeout: RUN_MS + 60_000 }, () => {
  test.for([
    ['quick', [1, 5]],
    ['slow', [200, 700]],
  ] as const)(
    '20 tabs that poll 50 jobs of a %s service cost one request for each span of freshness',
    async ([, latencyMs], context) => {
      const service = createChangingService({ lists: { [KEY]: someJobs(60) }, latencyMs });
      const gateway = await startTestGateway(context, service.script);
      const ids = service
        .jobsOf(KEY)
        .slice(0, 50)
        .map(({ jobQrn }) => toGlobalId(jobQrn));
      const changes = repeat(20, (round) => service.change(KEY, round % 50));

      const faults = await openTabs({ tabs: 20, everyMs: 500 }, async (witness) => {
        const { data } = await gateway.query(JOBS_BY_ID, { variables: { ids } });
        expect(data.nodes).toHaveLength(50);
        witness.see(data.nodes);
      });

      await changes;
      expect(faults).toEqual([]);
      expect(service.asked(KEY)).toBeLessThanOrEqual(MOST_POLLS);
    },
  );

  test('a list that grows never shrinks for anybody, whichever answers overtake each other', async (context) => {
    const service = createChangingService({ lists: { [KEY]: someJobs(30) }, latencyMs: [1, 900] });
    const gateway = await startTestGateway(context, service.script, { FRESH_ACTIVE_MS: '100' });
    const changes = repeat(30, () => service.submit(KEY));

    const faults = await openTabs({ tabs: 8, everyMs: 100 }, async (witness, tab) => {
      // Each tab reads another part of the list, so that several requests are in flight at once.
      const { data } = await gateway.query(LISTS, { variables: { first: 1 + 12 * tab } });
      witness.see([{ qrn: 'the total', shots: data.jobs.totalCount }, ...data.jobs.nodes]);
      witness.see([{ qrn: 'the count', shots: data.count.totalCount }]);
    });

    await changes;
    expect(faults).toEqual([]);
  });

  test('a walk through a list that grows sees each job that was there once, whoever else reads the list', async (context) => {
    const service = createChangingService({ lists: { [KEY]: someJobs(201) }, latencyMs: [1, 150] });
    const gateway = await startTestGateway(context, service.script, { RATE_LIMIT_REQUESTS: '1000000' });
    const stayed = service.jobsOf(KEY).map(({ jobQrn }) => jobQrn);
    const changes = repeat(40, () => service.submit(KEY));

    const sizes = [7, 20, 50, 99, 100, 200];
    await openTabs({ tabs: 6, everyMs: 100 }, async () => {
      const seen: string[] = [];
      const first = sizes[Math.floor(Math.random() * sizes.length)];
      for (let after: string | null = null, hasNextPage = true; hasNextPage; ) {
        const { data } = await gateway.query(WALK, { variables: { first, after } });
        seen.push(...data.jobs.nodes.map(({ qrn }: SeenJob) => qrn));
        ({ endCursor: after, hasNextPage } = data.jobs.pageInfo);
      }
      expect(seen.filter((qrn) => stayed.includes(qrn))).toEqual(stayed);
      expect(new Set(seen).size).toBe(seen.length);
    });
    await changes;
  });

  test('watched jobs and a watched list cost one request a poll together, and tell of each change soon', async (context) => {
    const service = createChangingService({ lists: { [KEY]: someJobs(40) }, latencyMs: [5, 60] });
    const gateway = await startTestGateway(context, service.script);
    const qrns = service.jobsOf(KEY).map(({ jobQrn }) => jobQrn);
    const witness = createWitness();
    const startedAtMs = performance.now();
    const lists = await openStreamAt(gateway.url, LIST_STREAM);
    const jobs = await openStreamAt(gateway.url, JOB_STREAM, { variables: { qrns } });
    const told = new Map<string, number>();
    const delays: number[] = [];
    const changedAtMs = new Map<string, number>();
    const readJobs = (async () => {
      for (let answer = await jobs.next(); answer !== null; answer = await jobs.next()) {
        const { qrn, shots } = answer.data.jobUpdated;
        witness.see([answer.data.jobUpdated]);
        told.set(qrn, shots);
        delays.push(performance.now() - (changedAtMs.get(`${qrn} ${shots}`) ?? performance.now()));
      }
    })().catch(() => {});
    const readLists = (async () => {
      for (let answer = await lists.next(); answer !== null; answer = await lists.next()) {
        expect(answer.data.jobsChanged.nodes).toHaveLength(40);
      }
    })().catch(() => {});

    await repeat(150, (round) => {
      const index = round % 40;
      service.change(KEY, index);
      changedAtMs.set(`${qrns[index]} ${service.jobsOf(KEY)[index]?.['shots']}`, performance.now());
    });
    const truth = () => Object.fromEntries(service.jobsOf(KEY).map(({ jobQrn, shots }) => [jobQrn, shots]));
    // A machine with other work may take longer.
    for (let time = 0; time < 100 && !isDeepStrictEqual(Object.fromEntries(told), truth()); time += 1) {
      await setTimeout(100);
    }
    const [asked, elapsedMs] = [service.asked(KEY), performance.now() - startedAtMs];
    jobs.cut();
    lists.cut();
    await Promise.all([readJobs, readLists]);

    expect(witness.faults).toEqual([]);
    expect(Object.fromEntries(told)).toEqual(truth());
    expect(Math.max(...delays)).toBeLessThan(FRESH_MS + SLACK_MS);
    // At first, the list and the jobs may each be asked for.
    expect(asked).toBeLessThanOrEqual(elapsedMs / FRESH_MS + 6);
  });

  test('an upstream that fails every third time is asked no more often, and every client is answered again', async (context) => {
    const service = createChangingService({
      lists: { [KEY]: someJobs(40) },
      latencyMs: [5, 60],
      failsEvery: 3,
    });
    const gateway = await startTestGateway(context, service.script);
    let answered = 0;

    const faults = await openTabs({ tabs: 20, everyMs: 250 }, async (witness) => {
      const { data } = await gateway.query(LIST);
      if (data.jobs === null) return;
      answered += 1;
      witness.see(data.jobs.nodes);
    });

    expect(faults).toEqual([]);
    expect(answered).toBeGreaterThan(0);
    expect(service.asked(KEY)).toBeLessThanOrEqual(2 * MOST_POLLS);
  });

  test('a key whose answers hang keeps no other key waiting', async (context) => {
    const service = createChangingService({ lists: { [KEY]: someJobs(40) }, latencyMs: [1, 20] });
    const hangs: UpstreamScript = (request) =>
      request.key === 'hanging-key' ? 'hang' : service.script(request);
    const gateway = await startTestGateway(context, hangs);
    const flood = Array.from({ length: 100 }, (_, index) =>
      gateway.query(`{ jobs(filter: { search: "${index}" }) { totalCount } }`, { key: 'hanging-key' }),
    );
    void Promise.allSettled(flood);

    const delays: number[] = [];
    await openTabs({ tabs: 4, everyMs: 100 }, async () => {
      const startedAtMs = performance.now();
      const { data } = await gateway.query(LIST);
      expect(data.jobs.totalCount).toBe(40);
      delays.push(performance.now() - startedAtMs);
    });
    expect(Math.max(...delays)).toBeLessThan(SLACK_MS);
  });
});
