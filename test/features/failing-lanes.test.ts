import { setImmediate } from 'node:timers/promises';
import { GraphQLError, type GraphQLObjectType } from 'graphql';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { executableSchema } from '../../src/graphql/executable-schema.ts';
import { FastLane, isAnswer } from '../../src/server/lane/fast-lane.ts';
import { createTestGateway } from '../support/create-test-gateway.ts';
import { openStream } from '../support/event-stream.ts';
import { holdAnswers } from '../support/held-answers.ts';
import { aJob, someJobs } from '../support/job-builder.ts';
import { jobService, overriding, refusal } from '../support/job-service.ts';
import { type Exchange, type Lanes, openLanes } from '../support/open-lanes.ts';
import { passTurns } from '../support/pass-time.ts';
import type { UpstreamScript } from '../support/scripted-upstream.ts';
import { aRequest, type RequestParts, toUtf8 } from '../support/wire-request.ts';

const ACCEPTS = ['Accept: application/json', 'Accept: application/graphql-response+json'];
/** What upstream may fail with: it hangs up at 0. */
const STATUSES = [401, 403, 404, 409, 422, 429, 500, 503, 0];
const TIMEOUT_MS = 20_000;

/** A job that cannot be read, in a list that can. */
const BROKEN = aJob('a:3', { status: 7 });
const ENDED = aJob('a:4', { status: 'COMPLETED', cost: 1 });
const JOBS = [aJob('a:1'), ENDED, aJob('a:2', { batchJobQrn: 'e:500' }), BROKEN, ...someJobs(3)];

const reply = (status: number) =>
  status === 0
    ? ('reset' as const)
    : refusal(status, 'Why it is so.', status === 429 ? { 'retry-after': '9' } : {});

/** An upstream with a job for each status, and a list that fails with that status for a key of this name. */
const service: UpstreamScript = overriding(
  jobService({ 'alice-key': JOBS, 'bob-key': someJobs(2, 'bob') }),
  ({ path, key }) => {
    if (path === '/jobs/a:4/result') return refusal(409, 'Not yet.');
    const status = STATUSES.find((each) => path === `/jobs/e:${each}` || key === `key-${each}`);
    return status === undefined ? undefined : reply(status);
  },
);

const LIST = '{ jobs(first: 2) { nodes { qrn } totalCount sources { key totalCount error { code } } } }';
const SILENT = '{ jobs(first: 2) { nodes { qrn } totalCount sources { key } } }';
const COUNTS = '{ jobCounts { total sources { key error { code } } } }';
const SEVERAL = 'query ($qrns: [ID!]!) { nodes(ids: $qrns) { ... on Job { qrn } } }';

const idOf = (qrn: string) => Buffer.from(`Job:${qrn}`).toString('base64url');
const asking = (query: string, more: object = {}): RequestParts => ({
  body: toUtf8(JSON.stringify({ query, ...more })),
});

async function open(script = service, environment: Readonly<Record<string, string>> = {}): Promise<Lanes> {
  // Waits are spread by chance, and told.
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
  const lanes = await openLanes(script, environment);
  onTestFinished(() => lanes.close());
  return lanes;
}

interface Outcome {
  readonly yoga: readonly Exchange[];
  readonly uncached: readonly Exchange[];
  readonly cached: readonly Exchange[];
  /** How often the fast lane gave the answer. */
  readonly taken: number;
}

/** Sends a request twice: what upstream says, and what is remembered of that. */
async function sendTwice(lanes: Lanes, parts: RequestParts, meanwhile = async () => {}): Promise<Outcome> {
  const executing = vi.spyOn(FastLane.prototype, 'execute');
  const all = [];
  for (let time = 0; time < 2; time += 1) {
    const sent = lanes.send([aRequest(parts)]);
    await meanwhile();
    all.push(await sent);
  }
  const results = executing.mock.settledResults.map(({ value }) => value);
  executing.mockRestore();
  return {
    yoga: all.map(({ yoga }) => yoga),
    uncached: all.map(({ uncached }) => uncached),
    cached: all.map(({ cached }) => cached),
    taken: results.filter(isAnswer).length,
  };
}

/** The same as by Yoga, from the fast lane, each time in each of its two ways. */
const alike = ({ yoga }: Outcome): Outcome => ({ yoga, uncached: yoga, cached: yoga, taken: 4 });

/** Sends the request of each media type to gateways of its own. */
async function expectAlike(
  parts: RequestParts,
  environment: Readonly<Record<string, string>> = {},
  script = service,
): Promise<readonly string[]> {
  const bodies: string[] = [];
  for (const accept of ACCEPTS) {
    const lanes = await open(script, environment);
    const outcome = await sendTwice(lanes, { ...parts, headers: [...(parts.headers ?? []), accept] });
    expect(outcome).toEqual(alike(outcome));
    bodies.push(...outcome.yoga.map(({ answers }) => answers[0]?.body ?? ''));
  }
  return bodies;
}

describe('the fast lane answers what fails as Yoga does', () => {
  test.each<[what: string, document: string, variables?: object]>([
    ['a field beside a good one', '{ a: job(qrn: "a:1") { qrn } b: job(qrn: "a:9") { qrn } }'],
    [
      'a field before a good one',
      '{ b: job(qrn: "e:500") { qrn } a: job(qrn: "a:1") { qrn } t: __typename }',
    ],
    ['all fields', '{ a: job(qrn: "e:403") { qrn } b: job(qrn: "a:9") { qrn } c: job(qrn: "") { qrn } }'],
    ['a field of a job', '{ job(qrn: "a:2") { qrn batchJob { qrn } } }'],
    [
      'the result of a job that has none yet',
      '{ job(qrn: "a:4") { qrn result { measurementCounts { count } } } }',
    ],
    ['some nodes', SEVERAL, { qrns: ['a:1', 'a:9', 'e:403', 'e:500'].map(idOf) }],
    ['an id that is none', SEVERAL, { qrns: ['a'] }],
    ['some nodes of a list', '{ jobs(first: 5) { nodes { qrn } edges { node { status } } } }'],
    ['a page that is too large', '{ a: __typename jobs(first: 501) { nodes { qrn } } }'],
    ['a cursor that is none', '{ jobs(after: "a") { totalCount } }'],
    ['a label that is none', '{ jobs(filter: { keys: ["other"] }) { totalCount } }'],
    [
      'a null in the place of a default',
      'query ($qrn: String = "a:1") { job(qrn: $qrn) { qrn } }',
      { qrn: null },
    ],
    ['a named operation', 'query Named { job(qrn: "a:9") { qrn } }'],
    [
      'a field in a fragment',
      'query ($no: Boolean = false) { ...F @skip(if: $no) } fragment F on Query { job(qrn: "a:9") { qrn } }',
    ],
  ])('for %s', async (_, document, variables = {}) => {
    const bodies = await expectAlike(asking(document, { variables }));
    expect(bodies.filter((body) => !body.includes('"errors"'))).toEqual([]);
  });

  test.each(STATUSES)('where upstream says %s', async (status) => {
    await expectAlike(asking(`{ a: job(qrn: "a:1") { qrn } b: job(qrn: "e:${status}") { qrn } }`));
    await expectAlike(asking(`{ b: job(qrn: "e:${status}") { qrn } }`));
    for (const document of [LIST, COUNTS])
      await expectAlike({ ...asking(document), key: `X-API-KEY: key-${status}` });
  });

  test.each(STATUSES)('where upstream says %s to one of two keys', async (status) => {
    const key = `X-API-KEYS: alice=alice-key, other=key-${status}`;
    const job = '{ a: job(qrn: "a:1") { qrn } b: job(qrn: "a:9") { qrn } }';
    for (const document of [LIST, SILENT, COUNTS, job]) await expectAlike({ ...asking(document), key });
  });

  test('where there is no key', async () => {
    await expectAlike({ ...asking('{ job(qrn: "a:1") { qrn } }'), key: null });
  });

  test.each<[what: string, environment: Readonly<Record<string, string>>, document: string]>([
    [
      'where an operation may ask once',
      { MAX_UPSTREAM_REQUESTS_PER_OPERATION: '1' },
      '{ jobs(first: 2) { nodes { qrn } } job(qrn: "a:9") { qrn } }',
    ],
    [
      'where its budget is spent',
      { RATE_LIMIT_REQUESTS: '1' },
      '{ a: job(qrn: "a:8") { qrn } jobs { totalCount } }',
    ],
    ['in production', { NODE_ENV: 'production' }, '{ a: job(qrn: "a:9") { qrn } b: job(qrn: "") { qrn } }'],
    ['where an answer with errors is too large', { MAX_ANSWER_BYTES: '1024' }, manyMissing(12)],
    [
      'where an answer repeats a job until it is too large',
      { MAX_ANSWER_BYTES: '1024' },
      `{ ${Array.from({ length: 40 }, (_, index) => `a${index}: job(qrn: "a:1") { qrn name status tags }`).join(' ')} }`,
    ],
    ['where an answer is too large', { MAX_ANSWER_BYTES: '1024' }, `{ ${'a'.repeat(1024)}: __typename }`],
    ['where no answers are kept', { ANSWER_CACHE_BYTES: '0' }, '{ job(qrn: "a:9") { qrn } }'],
    ['where one request may be in flight', { UPSTREAM_CONNECTIONS_PER_KEY: '1' }, manyMissing(8)],
  ])('%s', async (_, environment, document) => {
    await expectAlike(asking(document), environment);
  });

  test.each(['https://a.example', 'https://b.example'])('to a page of %s', async (origin) => {
    const parts = {
      ...asking('{ job(qrn: "a:9") { qrn } }'),
      headers: [`Origin: ${origin}`, 'X-Request-Id: a-1'],
    };
    await expectAlike(parts, { CORS_ORIGINS: 'https://a.example' });
  });

  test('to a client that wants what is read now', async () => {
    await expectAlike({ ...asking('{ job(qrn: "e:500") { qrn } }'), headers: ['Cache-Control: no-cache'] });
  });
});

function manyMissing(count: number): string {
  return `{ ${Array.from({ length: count }, (_, index) => `a${index}: job(qrn: "x:${index}") { qrn }`).join(' ')} }`;
}

describe('with a field that never is null', () => {
  test.each<[what: string, resolve: () => unknown]>([
    ['throws what clients are not told of', () => raise(new Error('alice-key'))],
    [
      'throws an error of GraphQL',
      () => raise(new GraphQLError('Why.', { extensions: { code: 'CONFLICT' } })),
    ],
    ['is rejected', () => Promise.reject(new TypeError('alice-key'))],
    ['is null', () => null],
    ['is no number', () => 'alice-key'],
  ])('that %s, the fast lane answers as Yoga does', async (_, resolve) => {
    resolveTotalCount(resolve);
    const document =
      '{ a: jobs(first: 1) { totalCount } b: job(qrn: "a:9") { qrn } c: jobs(last: 1) { n: totalCount } }';
    for (const environment of [{}, { NODE_ENV: 'production' }]) {
      const bodies = await expectAlike(asking(document), environment);
      expect(bodies.join()).toContain('"a":null');
    }
  });
});

test.each([
  ['the fast lane', false],
  ['Yoga', true],
])('what clients are not told of is logged by %s, with the id of the request', async (_, isByYoga) => {
  resolveTotalCount(() => raise(new Error('a fault of ours')));
  const { query, logs } = await createTestGateway(service);
  const document = '{ jobs(first: 1) { totalCount } }';
  await query(document, { key: null });
  await query(document, { headers: { 'x-request-id': 'mine' }, isByYoga });
  expect(logs.filter(({ level }) => Number(level) >= 40)).toMatchObject([
    { level: 50, requestId: 'mine', msg: 'error in an operation', err: { message: 'a fault of ours' } },
  ]);
});

test.each([
  ['the fast lane', {}],
  ['Yoga', { 'x-operation-cost': '1' }],
])('a value that does not fit its type is not shown in an event by %s', async (_, headers) => {
  resolveTotalCount(() => 'alice-key');
  const gateway = await createTestGateway(service);
  const stream = await openStream(gateway, 'subscription { jobsChanged(first: 1) { totalCount } }', {
    headers,
  });
  const event = await stream.next();
  stream.cut();
  expect(event?.errors).toMatchObject([
    { message: 'Unexpected error.', extensions: { code: 'INTERNAL_SERVER_ERROR' } },
  ]);
});

describe.each([
  ['the fast lane', false, 'planned'],
  ['Yoga', true, 'yoga'],
])('of an operation that fails in %s', (_, isByYoga, way) => {
  const document = '{ a: job(qrn: "a:9") { qrn } b: job(qrn: "e:hang") { qrn } }';

  test('the reads end when its client leaves, and nobody is told its errors', async () => {
    const { query, upstream, logs } = await createTestGateway(
      overriding(service, ({ path }) => (path.endsWith('hang') ? 'hang' : undefined)),
    );
    await query(document, { key: null });
    const before = logs.length;
    const client = new AbortController();
    const answer = query(document, { headers: { 'x-request-id': 'mine' }, isByYoga, signal: client.signal });
    await upstream.received(2);
    // The field that is missing has failed by then.
    await passTurns(20);
    client.abort();
    await Promise.allSettled([answer, upstream.abandoned(1)]);
    await setImmediate();
    const told = logs
      .slice(before)
      .filter(({ msg, level }) => msg === 'operation abandoned' || Number(level) >= 40);
    expect(told).toMatchObject([{ msg: 'operation abandoned', requestId: 'mine' }]);
    expect(logs.find(({ msg, requestId }) => msg === 'operation' && requestId === 'mine')).toMatchObject({
      outcome: 'abandoned',
      status: null,
      errors: [],
    });
  });

  test('equal requests that come at once ask upstream once', async () => {
    const held = holdAnswers(service);
    const { query, upstream, ways } = await createTestGateway(held.script);
    await query(document, { key: null });
    const answers = [1, 2, 3].map(() => query(document, { isByYoga }));
    await upstream.received(2);
    held.release();
    const codes = (await Promise.all(answers)).map(({ errors }) =>
      errors?.map(({ extensions }) => extensions.code),
    );
    expect(codes).toEqual(Array(3).fill(['NOT_FOUND', 'NOT_FOUND']));
    expect([upstream.requests.length, ways.slice(1)]).toEqual([2, Array(3).fill(way)]);
  });
});

/** Lets a field that never is null be resolved in this way until the end of the test. */
function resolveTotalCount(resolve: () => unknown): void {
  const field = (executableSchema.getType('JobConnection') as GraphQLObjectType).getFields()['totalCount'];
  const before = field?.resolve;
  if (field === undefined || before === undefined) throw new Error('The schema has no such field.');
  field.resolve = resolve;
  onTestFinished(() => {
    field.resolve = before;
  });
}

function raise(error: Error): never {
  throw error;
}

describe('while upstream', () => {
  test('does not answer, an operation ends as by Yoga', async () => {
    let hanging = 0;
    const script = overriding(service, ({ path }) => {
      if (!path.endsWith('e:hang')) return undefined;
      hanging += 1;
      return new Promise<never>(() => {});
    });
    for (const OPERATION_TIMEOUT_MS of ['5000', '30000']) {
      hanging = 0;
      const lanes = await open(script, { OPERATION_TIMEOUT_MS });
      const parts = asking('{ a: job(qrn: "a:1") { qrn } b: job(qrn: "e:hang") { qrn } }');
      const outcome = await sendTwice(lanes, parts, async () => {
        // Only the first time is anything asked, where what failed is remembered.
        for (let turn = 0; turn < 500 && hanging % 3 !== 0; turn += 1) await setImmediate();
        await passTurns(50);
        lanes.advance(TIMEOUT_MS);
      });
      expect(outcome).toEqual(alike(outcome));
      expect(outcome.yoga[0]?.answers[0]?.body).toContain('GATEWAY_TIMEOUT');
    }
  });

  test('is full, an answer of nothing else says so by its status', async () => {
    let isHeld = false;
    const script = overriding(service, ({ path }) =>
      isHeld && path.includes('held') ? new Promise<never>(() => {}) : undefined,
    );
    for (const accept of ACCEPTS) {
      isHeld = true;
      const lanes = await open(script, {
        UPSTREAM_CONNECTIONS_PER_KEY: '1',
      });
      const held = asking(
        manyMissing(0).replace('{ ', '{ a: job(qrn: "held:1") { qrn } b: job(qrn: "held:2") { qrn } '),
      );
      const full = { ...asking('{ c: job(qrn: "a:9") { qrn } }'), headers: [accept] };
      const waiting = lanes.open(aRequest(held));
      await passTurns(100);
      const outcome = await sendTwice(lanes, full);
      waiting.leave();
      expect(outcome).toEqual(alike(outcome));
      expect(outcome.yoga.map(({ answers }) => answers[0]?.status)).toEqual(
        Array(2).fill('HTTP/1.1 503 Service Unavailable'),
      );
      expect(outcome.yoga[0]?.answers[0]?.headers.join()).toContain('retry-after: ');
    }
  });

  test('refuses a key in the middle of an operation, nothing is shown that was read with it', async () => {
    let isRefused = false;
    const script = overriding(service, ({ key }) =>
      isRefused && key === 'alice-key' ? refusal(401, 'No.') : undefined,
    );
    for (const key of ['X-API-KEY: alice-key', 'X-API-KEYS: alice=alice-key, bob=bob-key']) {
      isRefused = false;
      const lanes = await open(script);
      await lanes.send([aRequest({ ...asking('{ job(qrn: "a:1") { qrn } }'), key })]);
      isRefused = true;
      const document =
        '{ a: job(qrn: "a:1") { qrn } b: job(qrn: "a:9") { qrn } c: job(qrn: "bob:0") { qrn } }';
      const outcome = await sendTwice(lanes, { ...asking(document), key });
      expect(outcome).toEqual(alike(outcome));
      expect(outcome.yoga[0]?.answers[0]?.body).toContain('{"a":null,"b":null,');
    }
  });

  test('fails, answers are stale, and with errors beside', async () => {
    let isFailing = false;
    const script = overriding(service, () => (isFailing ? refusal(503, 'Why.') : undefined));
    const lanes = await open(script);
    await lanes.send([aRequest(asking('{ job(qrn: "a:1") { qrn } }'))]);
    isFailing = true;
    lanes.advance(3000);
    const outcome = await sendTwice(
      lanes,
      asking('{ a: job(qrn: "a:1") { qrn } b: job(qrn: "a:9") { qrn } }'),
    );
    expect(outcome).toEqual(alike(outcome));
    expect(outcome.yoga[0]?.answers[0]?.body).toContain('"extensions":{"stale":true}');
  });
});
