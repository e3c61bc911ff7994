import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createTestFleet } from '../support/create-test-fleet.ts';
import {
  type Answer,
  createTestGateway,
  type QueryOptions,
  type TestGateway,
} from '../support/create-test-gateway.ts';
import { openStream } from '../support/event-stream.ts';
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts';
import { aJob, type RawJob } from '../support/job-builder.ts';
import { jobService } from '../support/job-service.ts';
import type { Way } from '../support/note-ways.ts';
import { arrived, passTurns } from '../support/pass-time.ts';
import type { UpstreamRequest, UpstreamScript } from '../support/scripted-upstream.ts';

const KEYS = ['alice', 'bob'];
const INDICES = [0, 1, 2];
/** For how long jobs that change are ordinarily fresh. */
const FRESH_MS = 2000;
const MAX_LATENCY_MS = 400;
/** The ordinary `UPSTREAM_TIMEOUT_MS`: each request to upstream has a call scheduled for then. */
const TIMEOUT_MS = 20_000;

const qrnOf = (key: string, index: number) => `${key}:${index}`;
const idOf = (key: string, index: number) => Buffer.from(`Job:${qrnOf(key, index)}`).toString('base64url');

/** Something that is asked with a key, or with both. Each job names its owner, and counts its changes. */
interface Operation {
  readonly document: (key: string) => string;
  /** The QRNs that it shows, in this order. */
  readonly shows: (key: string, keys: readonly string[]) => readonly string[];
}

const jobsOf = (document: Operation['document'], ...indices: readonly number[]): Operation => ({
  document,
  shows: (key) => indices.map((index) => qrnOf(key, index)),
});

const listOf = (document: string, count: number): Operation => ({
  document: () => document,
  shows: (_, keys) => INDICES.flatMap((index) => keys.map((key) => qrnOf(key, index))).slice(0, count),
});

const OPERATIONS: readonly Operation[] = [
  jobsOf((key) => `{ job(qrn: "${qrnOf(key, 0)}") { qrn name shots } }`, 0),
  jobsOf((key) => `{ job(qrn: "${qrnOf(key, 1)}") { qrn name shots } }`, 1),
  jobsOf(
    (key) =>
      `{ a: job(qrn: "${qrnOf(key, 0)}") { qrn name shots fetchedAt } b: job(qrn: "${qrnOf(key, 2)}") { qrn name shots } }`,
    0,
    2,
  ),
  jobsOf(
    (key) => `{ nodes(ids: ["${idOf(key, 0)}", "${idOf(key, 1)}"]) { ... on Job { qrn name shots } } }`,
    0,
    1,
  ),
  listOf('{ jobs(first: 1) { nodes { qrn name shots } } }', 1),
  listOf('{ jobs(first: 2) { edges { cursor node { qrn name shots } } } }', 2),
  listOf('{ jobs(first: 6) { nodes { qrn name shots } isStale fetchedAt totalCount } }', 6),
  listOf('{ jobs(filter: { status: RUNNING }) { nodes { qrn name shots } } }', 6),
];

/** Mostly the same key, operation and job, so that it matters in which order all this happens. */
const anyKey = fc.constantFrom('alice', 'alice', ...KEYS);

const anyStep = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('ask' as const),
      key: anyKey,
      operation: fc.constantFrom(0, 0, ...OPERATIONS.keys()),
      isTeam: fc.constantFrom(false, false, false, true),
      isAnew: fc.constantFrom(false, false, true),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('change' as const),
      key: anyKey,
      index: fc.constantFrom(0, 0, ...INDICES),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('pass' as const),
      ms: fc.constantFrom(1, 1, 50, 200, 900, 2000, 5000),
    }),
  },
);

type Step = typeof anyStep extends fc.Arbitrary<infer Value> ? Value : never;

interface History {
  readonly steps: readonly Step[];
  /** How long upstream takes for the same request, in turn. */
  readonly latencies: readonly number[];
  readonly isWatched: boolean;
}

const anyHistory: fc.Arbitrary<History> = fc.record({
  steps: fc.array(anyStep, { minLength: 40, maxLength: 70 }),
  latencies: fc.array(fc.constantFrom(0, 0, 0, 30, 150, MAX_LATENCY_MS), { minLength: 1, maxLength: 6 }),
  isWatched: fc.boolean(),
});

/** What was asked for: an answer, or a stream, whose events may be as old as the present when it was opened. */
interface Asked {
  readonly keys: readonly string[];
  /** The oldest time whose truth may be shown. */
  readonly sinceMs: number;
  /** How many sights had ended when it was asked for. */
  readonly before: number;
}

/** A job as an answer, or an event, showed it. */
interface Sight extends Asked {
  readonly qrn: string;
  readonly name: string;
  readonly shots: number;
  readonly seenAtMs: number;
}

/** An upstream whose jobs change, and whose answers take their time by the clock of the test. */
function openService(latencies: readonly number[]) {
  const clock = createFakeClock();
  const jobOf = (key: string, index: number, shots: number) => {
    const createdAt = new Date(Date.UTC(2026, 0, 14) - 1000 * (KEYS.length * index + KEYS.indexOf(key)));
    return aJob(qrnOf(key, index), { name: key, shots, timeStamps: { createdAt: createdAt.toISOString() } });
  };
  const lists: Record<string, RawJob[]> = Object.fromEntries(
    KEYS.map((key) => [key, INDICES.map((index) => jobOf(key, index, 0))]),
  );
  /** When each job changed. */
  const changes = new Map<string, readonly number[]>();
  const answer = jobService(lists);
  const turns = new Map<string, number>();
  let isSlow = false;
  let waiting = 0;
  /** By the turn of the request among its equals: others may come in another order. */
  const latencyOf = ({ path, key }: UpstreamRequest) => {
    const turn = turns.get(`${key} ${path}`) ?? path.length;
    turns.set(`${key} ${path}`, turn + 1);
    return isSlow ? (latencies[turn % latencies.length] ?? 0) : 0;
  };
  return {
    clock,
    changes,
    script: async (request: UpstreamRequest) => {
      const reply = await answer(request);
      const latencyMs = latencyOf(request);
      if (latencyMs === 0) return reply;
      waiting += 1;
      await new Promise<void>((resolve) => clock.schedule(latencyMs, resolve));
      waiting -= 1;
      return reply;
    },
    change(key: string, index: number): void {
      const qrn = qrnOf(key, index);
      const times = [...(changes.get(qrn) ?? []), clock.now()];
      changes.set(qrn, times);
      lists[key]?.splice(index, 1, jobOf(key, index, times.length));
    },
    slowDown(): void {
      isSlow = true;
    },
    /** Waits until the gateway has done all that it can before time passes. */
    async settle(): Promise<void> {
      do await arrived();
      while (clock.pendingFor(TIMEOUT_MS) > waiting);
      await passTurns(3);
    },
  };
}

/** The gateway that answers. */
interface Gateway {
  readonly way: 'kept' | 'planned' | 'yoga';
  readonly isFleet: boolean;
  /** For how long jobs are fresh, in milliseconds. */
  readonly freshMs: number;
}

type World = Pick<TestGateway, 'query' | 'subscribe' | 'ways'>;

/** Replicas that take turns, but for subscriptions. */
async function openFleet(
  script: UpstreamScript,
  environment: Readonly<Record<string, string>>,
  clock: FakeClock,
): Promise<World> {
  const { replicas, query } = await createTestFleet(script, { size: 3, environment, clock });
  const [first] = replicas as [TestGateway, ...TestGateway[]];
  return { ...first, query };
}

/** A gateway whose clients note what they see, and when, in the order in which they see it. */
async function openClients(latencies: readonly number[], { way, isFleet, freshMs }: Gateway) {
  const service = openService(latencies);
  const { clock, settle } = service;
  const openWorld: typeof openFleet = isFleet ? openFleet : createTestGateway;
  const gateway = await openWorld(
    service.script,
    {
      STALE_IF_ERROR_MS: '0',
      FRESH_ACTIVE_MS: String(freshMs),
      ...(way === 'kept' ? {} : { ANSWER_CACHE_BYTES: '0' }),
    },
    clock,
  );
  const sights: Sight[] = [];
  const faults: string[] = [];
  let open = 0;
  const note = ({ data, errors = [] }: Answer, asked: Asked): readonly string[] => {
    faults.push(...errors.map(({ message }) => message));
    const jobs = findJobs(data);
    sights.push(...jobs.map((job) => ({ ...job, ...asked, seenAtMs: clock.now() })));
    return jobs.map(({ qrn }) => qrn);
  };
  return {
    ...service,
    gateway,
    sights,
    faults,
    note,
    isOpen: () => open > 0,
    async ask(operation: number, key: string, keys: readonly string[], isAnew: boolean) {
      const { document, shows } = OPERATIONS[operation] as Operation;
      const credentials =
        keys.length === 1 ? { key } : { keys: keys.map((each) => `${each}=${each}`).join() };
      const headers: Record<string, string> = isAnew ? { 'cache-control': 'no-cache' } : {};
      const options: QueryOptions = { ...credentials, headers, isByYoga: way === 'yoga' };
      // A request that is under way may be joined.
      const sinceMs = clock.now() - MAX_LATENCY_MS - (isAnew ? 0 : freshMs);
      const asked: Asked = { keys, sinceMs, before: sights.length };
      open += 1;
      try {
        const shown = note(await gateway.query(document(key), options), asked).join();
        if (shown !== shows(key, keys).join()) faults.push(`${document(key)} shows ${shown}`);
      } finally {
        open -= 1;
      }
    },
    async pass(ms: number): Promise<void> {
      const endMs = clock.now() + ms;
      while (clock.now() < endMs) {
        clock.advance(Math.min(clock.untilNextMs ?? ms, endMs - clock.now()));
        await settle();
      }
    },
  };
}

/** Lets the history happen to clients that are answered in this way, and gives what was wrong, and who answered them. */
async function live({ steps, latencies, isWatched }: History, about: Gateway) {
  const clients = await openClients(latencies, about);
  const { gateway, sights, changes, settle, pass } = clients;
  // Once, so that the fast lane knows the documents.
  for (const key of KEYS) {
    for (const operation of OPERATIONS.keys()) await clients.ask(operation, key, [key], false);
  }
  const known = gateway.ways.length;
  clients.slowDown();
  const events: Sight[] = [];
  const leave = isWatched ? await watch(clients, events) : () => {};
  const take = async (step: Step): Promise<void> => {
    // What is asked without anything between is asked at once.
    if (step.kind !== 'ask') await settle();
    if (step.kind === 'pass') return pass(step.ms);
    if (step.kind === 'change') return clients.change(step.key, step.index);
    void clients.ask(step.operation, step.key, step.isTeam ? KEYS : [step.key], step.isAnew);
  };
  for (const step of steps) await take(step);
  await settle();
  while (clients.isOpen()) await pass(MAX_LATENCY_MS);
  leave();
  const untrue = sights.flatMap((sight) => findFault(sight, changes) ?? []);
  const faults = [...clients.faults, ...untrue, ...findStepsBack(sights), ...findStepsBack(events)];
  return { faults, ways: gateway.ways.slice(known) };
}

/** Watches two jobs of one key, until it is told to stop. */
async function watch(
  { gateway, note, sights }: Pick<Awaited<ReturnType<typeof openClients>>, 'gateway' | 'note' | 'sights'>,
  events: Sight[],
): Promise<() => void> {
  const qrns = JSON.stringify([0, 1].map((index) => qrnOf('alice', index)));
  const document = `subscription { jobUpdated(qrns: ${qrns}) { qrn name shots } }`;
  const stream = await openStream(gateway, document, { key: 'alice' });
  let isOpen = true;
  const read = async () => {
    for (let event = await stream.next(); isOpen && event !== null; event = await stream.next()) {
      note(event, { keys: ['alice'], sinceMs: Number.NEGATIVE_INFINITY, before: 0 });
      events.push(...sights.slice(-1).map((sight) => ({ ...sight, before: events.length })));
    }
  };
  read().catch(() => {});
  return () => {
    isOpen = false;
    stream.cut();
  };
}

/** The jobs in an answer, wherever they stand. */
function findJobs(value: unknown): readonly Pick<Sight, 'qrn' | 'name' | 'shots'>[] {
  if (typeof value !== 'object' || value === null) return [];
  if ('shots' in value) return [value as Sight];
  return Object.values(value).flatMap(findJobs);
}

/** What is wrong with a sight: it was not true for as long as it may be shown, or is of a key that was not sent. */
function findFault(
  { qrn, name, shots, keys, sinceMs, seenAtMs }: Sight,
  changes: ReadonlyMap<string, readonly number[]>,
): string | null {
  if (!keys.includes(name)) return `${qrn} is not of these keys`;
  const times = changes.get(qrn) ?? [];
  const beganMs = shots === 0 ? Number.NEGATIVE_INFINITY : (times[shots - 1] ?? Number.POSITIVE_INFINITY);
  const endedMs = times[shots] ?? Number.POSITIVE_INFINITY;
  if (beganMs > seenAtMs) return `${qrn} was not so yet`;
  return endedMs < sinceMs ? `${qrn} was not so any more` : null;
}

/** The sights that are older than one that had ended, with whichever client, before they were asked for. */
function findStepsBack(sights: readonly Sight[]): readonly string[] {
  return sights.flatMap(({ qrn, shots, before }) => {
    const seen = sights.slice(0, before).filter((sight) => sight.qrn === qrn);
    const newest = Math.max(0, ...seen.map((sight) => sight.shots));
    return shots < newest ? [`${qrn} went back from ${newest} to ${shots}`] : [];
  });
}

// Of a fleet, the ways are those of one replica, which knows only some of the documents.
test.each<[who: string, gateway: Gateway, taken: readonly Way[] | null]>([
  [
    'the fast lane that keeps answers',
    { way: 'kept', isFleet: false, freshMs: FRESH_MS },
    ['kept', 'planned', 'shared'],
  ],
  [
    'the fast lane that keeps answers, where nothing is fresh,',
    { way: 'kept', isFleet: false, freshMs: 0 },
    ['planned', 'shared'],
  ],
  ['the fast lane that keeps none', { way: 'planned', isFleet: false, freshMs: FRESH_MS }, ['planned']],
  ['Yoga', { way: 'yoga', isFleet: false, freshMs: FRESH_MS }, ['yoga']],
  ['a fleet of replicas, one after the other,', { way: 'kept', isFleet: true, freshMs: FRESH_MS }, null],
  [
    'a fleet of replicas, one after the other, where nothing is fresh,',
    { way: 'kept', isFleet: true, freshMs: 0 },
    null,
  ],
])(
  'while jobs change, %s tells many clients at once only what is true, and never goes back in time',
  async (_, gateway, expected) => {
    const taken = new Set<Way>();
    await fc.assert(
      fc.asyncProperty(anyHistory, async (history) => {
        const { faults, ways } = await live(history, gateway);
        for (const each of ways) taken.add(each);
        expect(faults).toEqual([]);
      }),
      { seed: 20_260_115, numRuns: 4 },
    );
    if (expected !== null) expect([...taken].toSorted()).toEqual(expected);
  },
);
