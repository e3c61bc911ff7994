import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { Answer } from '../support/create-test-gateway.ts';
import { duringExchange } from '../support/during-exchange.ts';
import { openStreamAt } from '../support/event-stream.ts';
import { aJob, type RawJob } from '../support/job-builder.ts';
import { type JobLists, jobService, refusal } from '../support/job-service.ts';
import { hasRedisServer, startRedisServer } from '../support/redis-server.ts';
import type { UpstreamScript } from '../support/scripted-upstream.ts';
import { type StartedGateway, startTestGateway } from '../support/start-test-gateway.ts';

/** How long the judge looks on, in milliseconds: `npm run judge` lets it for a minute. */
const RUN_MS = 1000 * Number(process.env['JUDGE_SECONDS'] ?? 10);

/** How long an event may be on its way to a client, in milliseconds, while an answer that was made later overtakes it. */
const EVENT_MS = 250;

/** How long what one replica shows may be on its way to the others, in milliseconds. */
const BELL_MS = 100;

const KEYS = ['alice', 'bob', 'carol'];
const QRNS = Array.from({ length: 12 }, (_, index) => `a:${index}`);
const FIELDS = 'qrn shots tags keys';

const any = <T>(items: readonly T[]): T => items[Math.floor(Math.random() * items.length)] as T;
const some = <T>(items: readonly T[]): T[] => {
  const [first, ...others] = items.toSorted(() => Math.random() - 0.5);
  return [first as T, ...others.filter(() => Math.random() < 0.5)];
};

/**
 * An upstream of which each key sees most jobs, as they are at any moment of a slow exchange. Their `shots` count their changes, and
 * lists only grow, at their heads.
 */
function createSharedService() {
  const lists: JobLists = Object.fromEntries(KEYS.map((key) => [key, []]));
  let changes = 0;
  const show = (key: string, job: RawJob): RawJob => ({ ...job, tags: { viewer: key } });
  for (const [index, qrn] of QRNS.entries()) {
    for (const key of new Set([...some(KEYS), any(KEYS)]))
      lists[key]?.push(show(key, aJob(qrn, { shots: 1, createdAt: timeAt(-index) })));
  }
  const answer = jobService(lists);
  const script: UpstreamScript = (request) => {
    // Once in a while a key is so slow that others are asked as well.
    const wholeMs = Math.random() < 0.02 ? 2500 : Math.random() * 150;
    return duringExchange(wholeMs, () => (Math.random() < 0.03 ? refusal(503, 'Down.') : answer(request)));
  };
  return {
    script,
    submit() {
      changes += 1;
      const key = any(KEYS);
      lists[key]?.unshift(show(key, aJob(`new:${changes}`, { shots: 1, createdAt: timeAt(changes) })));
    },
    change() {
      changes += 1;
      const qrn = any(QRNS);
      const changed = { status: any(['RUNNING', 'QUEUED', 'HOLD']), updatedAt: timeAt(changes) };
      for (const jobs of Object.values(lists)) {
        const index = jobs.findIndex(({ jobQrn }) => jobQrn === qrn);
        const job = jobs[index];
        if (job !== undefined) jobs[index] = { ...job, ...changed, shots: Number(job['shots']) + 1 };
      }
    },
  };
}

function timeAt(second: number): string {
  return new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString();
}

/** A state that a client was shown: how often a job has changed, or how long a key's list is. */
interface Sight {
  readonly what: string;
  readonly state: number;
  /** The key that it was read with. */
  readonly viewer: string;
  /** Whether it is the same for all keys that see it. */
  readonly isOfAll: boolean;
}

/** All that an answer shows, wherever it stands. */
function sightsIn(value: unknown): readonly Sight[] {
  if (typeof value !== 'object' || value === null) return [];
  if ('shots' in value) {
    const { qrn, shots, tags, keys } = value as {
      qrn: string;
      shots: number;
      tags: { viewer: string };
      keys: string[];
    };
    // What was read with a key that the job does not name is of nobody.
    const viewer = keys.includes(tags.viewer) ? tags.viewer : 'nobody';
    return [{ what: qrn, state: shots, viewer, isOfAll: true }];
  }
  if ('totalCount' in value) {
    const { key, counted, totalCount } = value as {
      key?: string;
      counted?: string;
      totalCount: number | null;
    };
    if (totalCount === null) return [];
    const what = key === undefined ? 'the numbers' : 'the list';
    return [{ what, state: totalCount, viewer: key ?? String(counted), isOfAll: false }];
  }
  return Object.values(value).flatMap(sightsIn);
}

/** Judges that nothing is shown as it was before one of the keys of a client has shown it, to whomever. */
function createJudge() {
  /** What was shown of something as a key sees it, by both: each later state of it when it was shown for the first time. */
  const shown = new Map<string, { atMs: number; state: number }[]>();
  const faults: string[] = [];
  const latest = (key: string, what: string, beforeMs: number) => {
    const states = shown.get(`${key} ${what}`) ?? [];
    return states.findLast(({ atMs }) => atMs < beforeMs)?.state ?? 0;
  };
  const judge = (
    keys: readonly string[],
    { what, state, viewer, isOfAll }: Sight,
    asked: string,
    sinceMs: number,
  ) => {
    if (!keys.includes(viewer)) faults.push(`${keys} saw ${what} of ${viewer}`);
    for (const key of isOfAll ? keys : [viewer]) {
      const before = latest(key, what, sinceMs);
      if (state < before)
        faults.push(`${asked} with ${keys}: ${what} as ${state} of ${viewer}, after ${before} of ${key}`);
    }
  };
  return {
    faults,
    /** Takes what a client with these keys was shown. What was shown before `sinceMs` must not be taken back. Returns how much. */
    see(keys: readonly string[], { data, extensions }: Answer, asked: string, sinceMs: number): number {
      // A page that says that it is stale may be one which a later page contradicts: it stands in for a failure.
      const isStale = extensions?.['stale'] === true;
      const sights = sightsIn(data).filter(({ isOfAll }) => isOfAll || !isStale);
      for (const sight of sights) judge(keys, sight, asked, sinceMs);
      for (const { what, state, viewer } of sights) {
        const name = `${viewer} ${what}`;
        const before = shown.get(name) ?? [];
        if (state > (before.at(-1)?.state ?? 0)) before.push({ atMs: performance.now(), state });
        shown.set(name, before);
      }
      return sights.length;
    },
  };
}

const pageOf = (after = '') =>
  `{ page: jobs(first: 5${after}) { sources { key totalCount } nodes { ${FIELDS} } pageInfo { endCursor } } }`;

/** What clients ask: often the same, so that answers are kept, and sometimes anything. */
const QUERIES: readonly (() => string)[] = [
  () => `{ job(qrn: "${any(QRNS)}") { ${FIELDS} } }`,
  () =>
    `{ ${some(QRNS)
      .map((qrn, index) => `a${index}: job(qrn: "${qrn}") { ${FIELDS} }`)
      .join(' ')} }`,
  () => `{ jobs(first: ${any([2, 5, 20])}) { sources { key totalCount } nodes { ${FIELDS} } } }`,
  () => `{ jobs(last: ${any([2, 5])}) { sources { key totalCount } nodes { ${FIELDS} } } }`,
  () => `{ jobs(first: 20, filter: { status: RUNNING }) { nodes { ${FIELDS} } } }`,
  () => pageOf(),
  () => '{ jobCounts { sources { counted: key totalCount } } }',
];
const STREAMS: readonly (() => string)[] = [
  () => `subscription { jobUpdated(qrns: ${JSON.stringify(some(QRNS))}) { ${FIELDS} } }`,
  () =>
    `subscription { jobsChanged(first: ${any([2, 20])}) { sources { key totalCount } nodes { ${FIELDS} } } }`,
  () => 'subscription { jobCountsChanged { sources { counted: key totalCount } } }',
];

const asKeys = (keys: readonly string[]) => keys.map((key) => `${key}=${key}`).join();

/** Lets clients ask these replicas, and gives what was wrong. */
async function findFaults(
  service: ReturnType<typeof createSharedService>,
  replicas: readonly StartedGateway[],
  mayLagMs: number,
): Promise<readonly string[]> {
  const judge = createJudge();
  const endMs = performance.now() + RUN_MS;
  const isOver = () => performance.now() > endMs;
  const seen = { queries: 0, events: 0 };

  const change = async () => {
    for (let round = 0; !isOver(); round += 1) {
      if (round % 20 === 0) service.submit();
      else service.change();
      await setTimeout(25);
    }
  };
  const read = async (keys: readonly string[], query: string) => {
    const startedAtMs = performance.now();
    const headers: Record<string, string> = Math.random() < 0.1 ? { 'cache-control': 'no-cache' } : {};
    const answer = await any(replicas).query(query, { keys: asKeys(keys), headers });
    seen.queries += judge.see(keys, answer, query, startedAtMs - mayLagMs);
    return answer;
  };
  const ask = async () => {
    for (; !isOver(); await setTimeout(Math.random() * 60)) {
      const keys = some(KEYS);
      const { data } = await read(keys, any(QUERIES)());
      const cursor = data?.['page']?.pageInfo.endCursor;
      if (cursor !== undefined) await read(keys, pageOf(`, after: "${cursor}"`));
    }
  };
  const watch = async () => {
    while (!isOver()) {
      const keys = some(KEYS);
      const query = any(STREAMS)();
      const stream = await openStreamAt(any(replicas).url, query, { keys: asKeys(keys) });
      const leaving = setTimeout(500 + Math.random() * 3000).then(stream.cut);
      const readOn = async () => {
        for (let answer = await stream.next(); answer !== null; answer = await stream.next()) {
          seen.events += judge.see(keys, answer, query, performance.now() - EVENT_MS - mayLagMs);
        }
      };
      await readOn().catch(() => {});
      await leaving;
    }
  };
  await Promise.all([change(), ...Array.from({ length: 8 }, ask), ...Array.from({ length: 4 }, watch)]);

  expect([seen.queries > 100, seen.events > 20]).toEqual([true, true]);
  return judge.faults;
}

const ENVIRONMENT = { RATE_LIMIT_REQUESTS: '1000000', WATCH_MIN_INTERVAL_MS: '500' };

describe('no query and no stream shows a job, or a list, as it was before one of its keys has shown it', {
  timeout: RUN_MS + 60_000,
}, () => {
  test('to whomever', async (context) => {
    const service = createSharedService();
    const gateway = await startTestGateway(context, service.script, ENVIRONMENT);
    expect(await findFaults(service, [gateway], 0)).toEqual([]);
  });

  test.skipIf(!hasRedisServer())('to whomever, and by whichever of three replicas', async (context) => {
    const service = createSharedService();
    const redis = await startRedisServer();
    context.onTestFinished(() => redis.close());
    const environment = {
      ...ENVIRONMENT,
      REDIS_URL: redis.url,
      FLEET_SIZE: '3',
      FLEET_SECRET: 's'.repeat(32),
    };
    const starts = [1, 2, 3].map(() => startTestGateway(context, service.script, environment));
    expect(await findFaults(service, await Promise.all(starts), BELL_MS)).toEqual([]);
  });
});
