import { hash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { StreamLane } from '../../src/server/lane/stream-lane.ts';
import { aJob, type RawJob, someJobs } from '../support/job-builder.ts';
import { jobService, overriding, refusal } from '../support/job-service.ts';
import { type Lanes, type OpenExchange, openLanes, type WireAnswer } from '../support/open-lanes.ts';
import { aRequest, type RequestParts, toUtf8 } from '../support/wire-request.ts';

const INTERVAL_MS = 2000;
const KEEPALIVE_MS = 12_000;
/** How long what is expected may take to arrive, in milliseconds. Then what came is compared. */
const PATIENCE_MS = 5000;

const ODD = {
  name: '</script>\u007f😀\ud800',
  tags: { 'é"\\\n': '\u0000\u2028', constructor: null, big: 1e21, list: [[], {}] },
};

const JOB =
  'subscription Job { jobUpdated(qrns: ["a:1"]) { qrn name tags status queuePosition cost keys fetchedAt } }';
const JOBS = 'subscription ($qrns: [String!]!) { jobUpdated(qrns: $qrns) { qrn status queuePosition keys } }';
const LIST =
  'subscription { jobsChanged(first: 2) { edges { cursor node { qrn status queuePosition } } pageInfo { hasNextPage endCursor } totalCount sources { key totalCount error { code } } } }';
const SILENT = 'subscription { jobsChanged(first: 2) { nodes { qrn } sources { key totalCount } } }';
const BATCH = 'subscription { jobUpdated(qrns: ["a:1"]) { qrn status batchJob { qrn status } } }';
const TEAM = 'X-API-KEYS: alice=alice-key, bob=bob-key';

const ACCEPT = 'Accept: text/event-stream';
const ENDED = { status: 'COMPLETED', cost: 1 };

const sending = (parameters: object): RequestParts => ({ body: toUtf8(JSON.stringify(parameters)) });
const asking = (query: string, more: object = {}) => sending({ query, ...more });
const watching = (...qrns: readonly string[]) => asking(JOBS, { variables: { qrns } });

/** Upstream, as a test changes it while streams are open. */
interface World {
  readonly lists: Record<string, RawJob[]>;
  /** The statuses that keys, or paths, fail with. */
  readonly failures: Map<string, number>;
  change(qrn: string, fields: object): void;
}

interface Step {
  /** @default nothing */
  readonly act?: (world: World) => void;
  /** How long passes then. @default INTERVAL_MS */
  readonly ms?: number;
  /** How many events, comments and signs of the end come then, in each stream, or in each of several. */
  readonly blocks: number | readonly number[];
}

/** What is sent at first: a sign of life, and so many events. */
const first = (blocks: number): Step => ({ ms: 0, blocks: 1 + blocks });
/** What comes after a change. */
const then = (blocks: number, ...acts: readonly ((world: World) => void)[]): Step => ({
  act: (world) => {
    for (const act of acts) act(world);
  },
  blocks,
});

const alters =
  (qrn: string, fields: object) =>
  ({ change }: World) =>
    change(qrn, fields);

const refuses =
  (key: string) =>
  ({ failures }: World) =>
    void failures.set(key, 401);

function openWorld() {
  const lists: Record<string, RawJob[]> = {
    'alice-key': [aJob('a:1', ODD), aJob('a:2'), ...someJobs(2)],
    'bob-key': [aJob('b:1'), aJob('b:2', ENDED)],
    'carol-key': [],
  };
  const failures = new Map<string, number>();
  const script = overriding(jobService(lists), ({ key = '', path }) => {
    const status = failures.get(key) ?? failures.get(path);
    return status === undefined ? undefined : refusal(status, 'Why it is so.');
  });
  const world: World = {
    lists,
    failures,
    change(qrn, fields) {
      for (const jobs of Object.values(lists)) {
        const index = jobs.findIndex(({ jobQrn }) => jobQrn === qrn);
        if (index >= 0) jobs.splice(index, 1, aJob(qrn, { ...jobs[index], ...fields }));
      }
    },
  };
  return { world, script };
}

/** A stream as it came over the wire: its blocks of text by the step in which they came. */
interface Streamed extends Pick<WireAnswer, 'status' | 'headers'> {
  /** Sorted within a step: upstream decides which of several jobs is read first. */
  readonly steps: readonly (readonly string[])[];
}

/** Opens the same streams in each way, lets the steps happen, and gives what came, and how often the fast lane took them. */
async function stream(
  all: readonly RequestParts[],
  steps: readonly Step[],
  environment: Readonly<Record<string, string>> = {},
) {
  // Waits are spread by chance.
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
  const { world, script } = openWorld();
  const lanes = await openLanes(script, environment);
  onTestFinished(() => lanes.close());
  const opening = vi.spyOn(StreamLane.prototype, 'open');
  const streams: OpenExchange[] = [];
  onTestFinished(() => {
    for (const { leave } of streams) leave();
  });
  for (const parts of all) {
    streams.push(lanes.open(aRequest({ ...parts, hasNext: true })));
    // The others come at once, when the first is open.
    if (streams.length === 1) await waitFor([1], lanes, streams);
  }
  const seen: (readonly Came[])[] = [];
  let wanted = all.map(() => 0);
  for (const { act = () => {}, ms = INTERVAL_MS, blocks } of steps) {
    act(world);
    lanes.advance(ms);
    wanted = wanted.map(
      (count, index) => count + (typeof blocks === 'number' ? blocks : (blocks[index] ?? 0)),
    );
    seen.push(await waitFor(wanted, lanes, streams));
  }
  const resumed = opening.mock.settledResults.map(({ value }) => value);
  return {
    yoga: toStreamed(seen, 'yoga'),
    uncached: toStreamed(seen, 'uncached'),
    cached: toStreamed(seen, 'cached'),
    taken: resumed.filter((each) => each === null).length,
  };
}

type Came = ReturnType<OpenExchange['soFar']>;

/** Waits until so many blocks have come in each of the streams, and gives what came until then. */
async function waitFor(counts: readonly number[], lanes: Lanes, streams: readonly OpenExchange[]) {
  const untilMs = performance.now() + PATIENCE_MS;
  for (;;) {
    await lanes.settle();
    const came = streams.map((each) => each.soFar());
    const isThere = came.every((each, index) =>
      Object.values(each).every((answers) => blocksOf(answers).length >= (counts[index] ?? 0)),
    );
    if (isThere || performance.now() > untilMs) return came;
    await setTimeout(1);
  }
}

function blocksOf([answer]: readonly WireAnswer[]): readonly string[] {
  return (answer?.body ?? '').split('\n\n').filter((block) => block !== '');
}

function toStreamed(seen: readonly (readonly Came[])[], way: keyof Came): readonly Streamed[] {
  return (seen.at(-1) ?? []).map((last, index) => {
    const [{ status, headers } = { status: 'none', headers: [] }] = last[way];
    const lengths = seen.map((came) => blocksOf(came[index]?.[way] ?? []).length);
    const blocks = blocksOf(last[way]);
    const steps = lengths.map((end, step) => blocks.slice(lengths[step - 1] ?? 0, end).toSorted());
    return { status: status.slice(0, 'HTTP/1.1 200'.length), headers, steps };
  });
}

const alike = ({ yoga }: { readonly yoga: readonly Streamed[] }, taken: number) => ({
  yoga,
  uncached: yoga,
  cached: yoga,
  // In each of the two ways.
  taken: 2 * taken,
});

/** How many blocks came in the steps of each stream. */
const countsOf = (streams: readonly Streamed[]) =>
  streams.map(({ steps }) => steps.map(({ length }) => length));

type Case = readonly [what: string, parts: RequestParts, steps: readonly Step[]];

/** Streams that the fast lane opens. */
const TAKEN: readonly Case[] = [
  [
    'a job until it has ended',
    asking(JOB),
    [first(1), then(1, alters('a:1', { queuePosition: 2 })), then(2, alters('a:1', ENDED))],
  ],
  ['a job that has ended before', asking(JOB.replace('a:1', 'b:2')), [first(2)]],
  [
    'several jobs until all have ended',
    watching('a:1', 'a:2', 'a:1'),
    [
      first(2),
      then(2, alters('a:1', { queuePosition: 1 }), alters('a:2', { queuePosition: 2 })),
      then(1, alters('a:2', ENDED)),
      then(2, alters('a:1', ENDED)),
    ],
  ],
  ['a job that is not there', watching('a:9'), [first(2)]],
  ['a job of another key', watching('b:1'), [first(2)]],
  [
    'a job among some that are not there',
    watching('a:9', 'a:1', 'b:1'),
    [first(3), then(1, alters('a:1', { queuePosition: 2 }))],
  ],
  [
    'a job whose batch is not there',
    asking(BATCH),
    [
      first(1),
      then(1, alters('a:1', { batchJobQrn: 'a:9' })),
      then(1, alters('a:1', { batchJobQrn: 'a:2' })),
    ],
  ],
  [
    'a job that cannot be read for a while',
    asking(JOB),
    [
      first(1),
      then(0, ({ failures }) => void failures.set('alice-key', 503)),
      { act: ({ failures }) => failures.clear(), ms: 5000, blocks: 0 },
      then(1, alters('a:1', { queuePosition: 2 })),
    ],
  ],
  ['a quiet job', asking(JOB), [first(1), { ms: KEEPALIVE_MS, blocks: 1 }]],
  [
    'a list',
    asking(LIST),
    [
      first(1),
      then(1, alters('a:1', { queuePosition: 2 })),
      then(1, ({ lists }) => void lists['alice-key']?.pop()),
      then(1, ({ lists }) => void lists['alice-key']?.splice(0)),
    ],
  ],
  ['a list of nothing', { ...asking(LIST), key: 'X-API-KEY: carol-key' }, [first(1)]],
  ['jobs with a key that is refused', { ...watching('a:1', 'a:2'), key: 'X-API-KEY: no-key' }, [first(2)]],
  ['a list with a key that is refused', { ...asking(LIST), key: 'X-API-KEY: no-key' }, [first(2)]],
  [
    'jobs with a key that is refused later',
    watching('a:1', 'a:2'),
    [first(2), then(2, refuses('alice-key'))],
  ],
  ['a list with a key that is refused later', asking(LIST), [first(1), then(2, refuses('alice-key'))]],
  [
    'jobs of several keys',
    { ...watching('a:1', 'b:1'), key: TEAM },
    [first(2), then(1, alters('b:1', { queuePosition: 2 })), then(1, alters('a:1', { queuePosition: 2 }))],
  ],
  [
    'jobs of several keys, of which one is refused later',
    { ...watching('a:1', 'b:1'), key: TEAM },
    [first(2), then(1, refuses('bob-key')), then(1, alters('a:1', { queuePosition: 2 }))],
  ],
  [
    'a list of several keys, of which one is refused',
    { ...asking(LIST), key: 'X-API-KEYS: alice=alice-key, no=no-key' },
    [first(1), then(1, alters('a:1', { queuePosition: 2 }))],
  ],
  [
    'a list of several keys, of which one is refused later',
    { ...asking(LIST), key: TEAM },
    [first(1), then(1, refuses('bob-key')), then(1, alters('a:1', { queuePosition: 2 }))],
  ],
  [
    'a list of several keys, of which one fails for a while',
    { ...asking(LIST), key: TEAM },
    [
      first(1),
      then(1, ({ failures }) => void failures.set('bob-key', 503)),
      { act: ({ failures }) => failures.clear(), ms: 5000, blocks: 1 },
    ],
  ],
  [
    'a list of several keys, of which one fails for a while, without the errors of its sources',
    { ...asking(SILENT), key: TEAM },
    [first(1), then(1, ({ failures }) => void failures.set('bob-key', 503))],
  ],
];

/** What Yoga answers in each way: no stream is opened. */
const LEFT: readonly Case[] = [
  ['no key', { ...asking(JOB), key: null }, [first(1)]],
  ['a malformed key', { ...asking(JOB), key: 'X-API-KEY: alice key' }, [first(1)]],
  ['no jobs', watching(), [first(2)]],
  ['no name of a job', watching(''), [first(2)]],
  ['variables of a wrong type', asking(JOBS, { variables: { qrns: 1 } }), [first(2)]],
  ['a page that is too large', asking('subscription { jobsChanged(first: 501) { totalCount } }'), [first(2)]],
  ['a cursor that is none', asking('subscription { jobsChanged(after: "a") { totalCount } }'), [first(2)]],
  ['an unknown operation', asking(JOB, { operationName: 'Other' }), [first(2)]],
  ['an unknown field', asking('subscription { jobz { qrn } }'), [first(2)]],
  [
    'the hash of no document that is known',
    sending({ extensions: { persistedQuery: { version: 1, sha256Hash: 'a' } } }),
    [first(2)],
  ],
  ['the id of no document', sending({ documentId: 'a' }), [first(2)]],
  ['a query', asking('{ job(qrn: "a:1") { qrn } }'), [first(2)]],
];

describe('the same events come by the fast lane and by Yoga', () => {
  test.each(TAKEN)('of %s', async (_, parts, steps) => {
    const streams = await stream([{ ...parts, headers: [ACCEPT] }], steps);
    expect(streams).toEqual(alike(streams, 1));
    expect(countsOf(streams.yoga)).toEqual([steps.map(({ blocks }) => blocks)]);
  });

  test('to a client that asks by GET', async () => {
    const target = `/graphql?query=${encodeURIComponent(LIST)}`;
    const headers = [ACCEPT, 'Apollo-Require-Preflight: 1'];
    const parts = { line: `GET ${target} HTTP/1.1`, contentType: null, length: null, headers };
    const streams = await stream([parts], [first(1), then(1, alters('a:1', { queuePosition: 2 }))]);
    expect(streams).toEqual(alike(streams, 1));
  });

  test.each([
    ['as urql does', 'Accept: text/event-stream, multipart/mixed'],
    ['with a name for the request', ACCEPT, 'X-Request-Id: a-1'],
    ['and wants what is read now', ACCEPT, 'Cache-Control: no-cache'],
    ['from a page of another origin', ACCEPT, 'Origin: https://a.example'],
    ['from a page of an origin that is not allowed', ACCEPT, 'Origin: https://b.example'],
  ])('to a client that asks %s', async (_, ...headers) => {
    const steps = [first(1), then(1, alters('a:1', { queuePosition: 2 })), then(2, refuses('alice-key'))];
    const streams = await stream([{ ...asking(LIST), headers }], steps, {
      CORS_ORIGINS: 'https://a.example',
    });
    expect(streams).toEqual(alike(streams, 1));
  });

  test('to clients that name the document by its hash or its id, or send an extension', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'stream-lanes-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'operations.json');
    writeFileSync(path, JSON.stringify({ list: LIST }));
    const hashed = { persistedQuery: { version: 1, sha256Hash: hash('sha256', LIST) } };
    const all = [
      asking(LIST, { extensions: hashed }),
      sending({ extensions: hashed }),
      sending({ documentId: 'list' }),
      sending({ doc_id: 'list' }),
      asking(LIST, { extensions: { clientLibrary: { name: '@apollo/client', version: '4.0.0' } } }),
    ];
    const steps = [first(1), then(1, alters('a:1', { queuePosition: 2 })), then(2, refuses('alice-key'))];
    const streams = await stream(
      all.map((parts) => ({ ...parts, headers: [ACCEPT] })),
      steps,
      { PERSISTED_OPERATIONS: path },
    );
    expect(streams).toEqual(alike(streams, all.length));
    expect(countsOf(streams.yoga)).toEqual(all.map(() => steps.map(({ blocks }) => blocks)));
  });

  test.each([
    ['jobs', watching('a:1', 'a:2', 'a:9'), [4, 4, 5, 4, 3]],
    ['lists', asking(LIST), [2, 2, 2, 2, 3]],
  ])('of %s to many clients at once, of one key and of others', async (_, parts, blocks) => {
    const keys = ['alice-key', 'alice-key', 'carol-key', 'alice-key', 'no-key'];
    const all = keys.map((key) => ({ ...parts, key: `X-API-KEY: ${key}`, headers: [ACCEPT] }));
    const steps = [
      { ms: 0, blocks },
      { act: alters('a:1', { queuePosition: 2 }), blocks: [1, 1, 0, 1, 0] },
      { act: refuses('alice-key'), blocks: [2, 2, 0, 2, 0] },
    ];
    const streams = await stream(all, steps);
    expect(streams).toEqual(alike(streams, keys.length));
    expect(countsOf(streams.yoga)).toEqual(
      keys.map((_key, index) => steps.map((step) => step.blocks[index])),
    );
  });

  test.each(LEFT)('where a stream is asked for with %s', async (_, parts, steps) => {
    const streams = await stream([{ ...parts, headers: [ACCEPT] }], steps);
    expect(streams).toEqual(alike(streams, 0));
  });
});
