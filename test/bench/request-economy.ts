import { toGlobalId } from '../../src/graphql/global-id.ts';
import { createTestFleet } from '../support/create-test-fleet.ts';
import { createTestGateway, type QueryOptions, type TestGateway } from '../support/create-test-gateway.ts';
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts';
import { sandboxScript } from '../support/sandbox-script.ts';
import type { UpstreamRequest, UpstreamScript } from '../support/scripted-upstream.ts';

/** What a load cost in requests to upstream. */
export interface Economy {
  readonly load: string;
  /** What a gateway needs that has one DataLoader for each of its requests, and nothing else. */
  readonly perRequest: number;
  /** What any gateway must ask whose answers are as fresh. */
  readonly floor: number;
  /** What this gateway asked. */
  readonly asked: number;
}

/** A gateway over the sandbox, or several that share what they read and take turns. */
interface World {
  readonly query: TestGateway['query'];
  readonly clock: FakeClock;
  /** What was asked until now. */
  readonly requests: readonly UpstreamRequest[];
}

interface WorldOptions {
  /** @default 1 */
  readonly replicas?: number | undefined;
  readonly environment?: Readonly<Record<string, string>>;
  /** Changes how the sandbox answers. */
  readonly alter?: (script: UpstreamScript) => UpstreamScript;
  /** How many jobs each key has. @default those of the sandbox */
  readonly jobsPerKey?: number;
}

/** The window of the limit of the qBraid API, in milliseconds: for so long the README counts. */
export const WHOLE_WINDOW_MS = 900_000;

const POLL_MS = 5000;
const KEY = 'qbr_bench_1';

const benchKeys = Array.from({ length: 8 }, (_, index) => ({
  label: `user${index + 1}`,
  key: `qbr_bench_${index + 1}`,
  user: `user${index + 1}`,
  team: null,
}));

async function openWorld(options: WorldOptions = {}): Promise<World> {
  const { replicas = 1, environment = {}, alter = unaltered, jobsPerKey } = options;
  const clock = createFakeClock();
  const jobs = jobsPerKey === undefined ? {} : { jobsPerKey };
  const script = alter(sandboxScript({ clock: clock.now, keys: benchKeys, rateLimit: NO_LIMIT, ...jobs }));
  if (replicas === 1) {
    const { query, upstream } = await createTestGateway(script, environment, clock);
    return { query, clock, requests: upstream.requests };
  }
  const { query, upstream } = await createTestFleet(script, { size: replicas, environment, clock });
  return { query, clock, requests: upstream.requests };
}

/** How many jobs each user has, where jobs are asked for by id. */
const MANY_JOBS = 600;

/** The limit of the qBraid API must not cut a load short that asks too much. */
const NO_LIMIT = { requests: 1_000_000, windowMs: WHOLE_WINDOW_MS };

function unaltered(script: UpstreamScript): UpstreamScript {
  return script;
}

/** The sandbox with jobs that never end: the costliest to watch. */
function everRunning(script: UpstreamScript): UpstreamScript {
  return async (request) => {
    const reply = await script(request);
    if (typeof reply === 'string' || typeof reply.body !== 'string') return reply;
    const body = JSON.parse(reply.body, (name, value) => {
      if (name === 'status') return 'RUNNING';
      return name === 'cost' ? null : value;
    });
    return { ...reply, body };
  };
}

/** The newest jobs of the first key, as a client that does not go through this gateway knows them. */
async function newestJobs(count: number): Promise<readonly string[]> {
  const { query } = await openWorld({ jobsPerKey: MANY_JOBS });
  const { data } = await query('query ($count: Int) { jobs(first: $count) { nodes { qrn } } }', {
    key: KEY,
    variables: { count },
  });
  return data.jobs.nodes.map(({ qrn }: { qrn: string }) => qrn);
}

const JOBS_BY_ID = 'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Job { qrn status } } }';

/** Polls from many tabs for a window, the tabs in step or spread over the interval. Asks as often as each tab polls. */
async function pollFromTabs(world: World, document: string, options: QueryOptions, polls: Polls) {
  const { windowMs, tabs, intervalMs, areInStep } = polls;
  const stepMs = areInStep ? intervalMs : intervalMs / tabs;
  for (let atMs = 0; atMs < windowMs; atMs += stepMs) {
    const together = Array.from({ length: areInStep ? tabs : 1 }, () => world.query(document, options));
    for (const { errors } of await Promise.all(together)) {
      if (errors !== undefined) throw new Error(`A poll failed: ${JSON.stringify(errors[0])}`);
    }
    world.clock.advance(stepMs);
  }
}

interface Polls {
  readonly windowMs: number;
  readonly tabs: number;
  readonly intervalMs: number;
  readonly areInStep: boolean;
}

export interface WatchedJobsOptions {
  /** For how long the tabs poll, in milliseconds. */
  readonly windowMs: number;
  readonly tabs: number;
  /** Whether all tabs poll at once, or spread over the interval. */
  readonly areInStep: boolean;
  /** @default 2000 */
  readonly freshActiveMs?: number;
  /** @default 1 */
  readonly replicas?: number | undefined;
}

/** (a) Tabs poll the same 50 jobs every 5 seconds. */
export async function watchedJobs(load: string, options: WatchedJobsOptions): Promise<Economy> {
  const { windowMs, tabs, areInStep, freshActiveMs = 2000, replicas } = options;
  const qrns = await newestJobs(50);
  const world = await openWorld({
    replicas,
    environment: { FRESH_ACTIVE_MS: String(freshActiveMs) },
    alter: everRunning,
    jobsPerKey: MANY_JOBS,
  });
  const request = { key: KEY, variables: { ids: qrns.map(toGlobalId) } };
  await pollFromTabs(world, JOBS_BY_ID, request, { windowMs, tabs, intervalMs: POLL_MS, areInStep });
  const polls = windowMs / POLL_MS;
  return {
    load,
    perRequest: tabs * polls * qrns.length,
    floor: areInStep ? polls : Math.ceil(windowMs / freshActiveMs),
    asked: world.requests.length,
  };
}

const LIST = 'jobs(first: 20) { nodes { qrn name status fetchedAt } }';

/** What a dashboard shows, and how many upstream requests that takes for each key. */
interface Dashboard {
  readonly document: string;
  readonly reads: number;
}

/** A list and four tiles, each the length of a filtered list. */
export const filteredTiles: Dashboard = {
  document: `{
    ${LIST}
    queued: jobs(filter: { status: QUEUED }) { totalCount }
    running: jobs(filter: { status: RUNNING }) { totalCount }
    completed: jobs(filter: { status: COMPLETED }) { totalCount }
    failed: jobs(filter: { status: FAILED }) { totalCount }
  }`,
  reads: 5,
};

/** The same list, and a tile for each status. */
export const countedTiles: Dashboard = {
  document: `{ ${LIST} jobCounts { byStatus { status count } } }`,
  reads: 2,
};

/** What became of what a dashboard reads. */
export interface DashboardEconomy extends Economy {
  /** The most requests that were sent with one key. */
  readonly mostOfOneKey: number;
  /** The longest time for which anything was cached, in milliseconds. */
  readonly oldestMs: number;
}

/**
 * (b) 30 viewers look at a team's dashboard of 8 keys, every 10 seconds. Only the whole window shows whether the requests of a
 * key last; a part of it shows that viewers share what is read.
 */
export async function teamDashboard(
  load: string,
  { document, reads }: Dashboard,
  windowMs: number,
  replicas?: number,
): Promise<DashboardEconomy> {
  const [viewers, intervalMs] = [30, 10_000];
  const askedAtMs = new Map<string, number[]>();
  const world: World = await openWorld({
    replicas,
    alter: (script) => (request) => {
      const list = `${request.key} ${request.path}`;
      askedAtMs.set(list, [...(askedAtMs.get(list) ?? []), world.clock.now()]);
      return script(request);
    },
  });
  const keys = benchKeys.map(({ label, key }) => `${label}=${key}`).join(', ');
  await pollFromTabs(world, document, { keys }, { windowMs, tabs: viewers, intervalMs, areInStep: false });
  const ofKeys = benchKeys.map(({ key }) => world.requests.filter((request) => request.key === key).length);
  const gaps = [...askedAtMs.values()].flatMap((times) =>
    times.slice(1).map((time, index) => time - (times[index] ?? 0)),
  );
  const reading = benchKeys.length * reads;
  return {
    load,
    perRequest: (viewers * windowMs * reading) / intervalMs,
    floor: (windowMs * reading) / intervalMs,
    asked: world.requests.length,
    mostOfOneKey: Math.max(...ofKeys),
    oldestMs: Math.max(...gaps),
  };
}

/** (c) 20 aliases ask for 10 jobs. */
export async function aliasedJobs(load: string, replicas?: number): Promise<Economy> {
  const qrns = await newestJobs(10);
  const aliases = Array.from(
    { length: 20 },
    (_, index) => `a${index}: job(qrn: "${qrns[index % 10]}") { status }`,
  );
  return once(load, { query: `{ ${aliases.join(' ')} }`, perRequest: 10, floor: 1, replicas });
}

/** (d) 50 jobs with the batches that they belong to. */
export async function jobsWithBatches(load: string, replicas?: number): Promise<Economy> {
  const query = '{ jobs(first: 50) { nodes { qrn batchJobQrn batchJob { qrn } } } }';
  const world = await openWorld({ jobsPerKey: MANY_JOBS });
  const { data } = await world.query(query, { key: KEY });
  const batches = new Set(data.jobs.nodes.map((job: { batchJobQrn: string | null }) => job.batchJobQrn));
  batches.delete(null);
  return once(load, { query, perRequest: 1 + batches.size, floor: 1, replicas });
}

/** (e) The 500 newest jobs by their ids. */
export async function manyJobsAtOnce(load: string, replicas?: number): Promise<Economy> {
  const qrns = await newestJobs(500);
  return once(load, {
    query: JOBS_BY_ID,
    variables: { ids: qrns.map(toGlobalId) },
    perRequest: 500,
    floor: 5,
    replicas,
  });
}

interface OneOperation extends Pick<Economy, 'perRequest' | 'floor'> {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly replicas: number | undefined;
}

/** What a single operation costs a gateway that was just started; where there are several, one after the other. */
async function once(
  load: string,
  { query, variables = {}, perRequest, floor, replicas = 1 }: OneOperation,
): Promise<Economy> {
  const world = await openWorld({ replicas, jobsPerKey: MANY_JOBS });
  for (let asked = 0; asked < replicas; asked += 1) {
    const { errors } = await world.query(query, { key: KEY, variables });
    if (errors !== undefined) throw new Error(`The operation failed: ${JSON.stringify(errors[0])}`);
  }
  return { load, perRequest, floor, asked: world.requests.length };
}
