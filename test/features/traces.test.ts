import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { FastLane, isAnswer } from '../../src/server/lane/fast-lane.ts';
import { aJob, someJobs } from '../support/job-builder.ts';
import { jobService, overriding, refusal } from '../support/job-service.ts';
import { type KeptSpans, keepSpans } from '../support/keep-spans.ts';
import { type Lanes, openLanes, WAYS, type Way } from '../support/open-lanes.ts';
import type { UpstreamScript } from '../support/scripted-upstream.ts';
import { aRequest, type RequestParts, toUtf8 } from '../support/wire-request.ts';

const LISTS = {
  'alice-key': [...someJobs(12), aJob('a:1', { batchJobQrn: 'a:2' }), aJob('a:2')],
  'bob-key': someJobs(3, 'bob'),
};
const service = overriding(jobService(LISTS), ({ path, key }) =>
  path === '/jobs/e%3A503' || key === 'key-503' ? refusal(503, 'Why it is so.') : undefined,
);

const TEAM = 'X-API-KEYS: alice=alice-key, bob=bob-key';
const FRESH = 'Cache-Control: no-cache';
const PARENT = '00f067aa0ba902b7';

const asking = (query: string, more: object = {}): RequestParts => ({
  body: toUtf8(JSON.stringify({ query, ...more })),
});
const traced = (query: string, traceId: string, flags = '01'): RequestParts => ({
  ...asking(query),
  headers: [`traceparent: 00-${traceId}-${PARENT}-${flags}`, 'tracestate: a=b', 'baggage: a=b'],
});
const traceIdOf = (index: number) => String(index + 1).padStart(32, '4bf9');

interface TracedLanes extends Lanes {
  readonly spans: Readonly<Record<Way, KeptSpans>>;
  /** The spans until now in each way, which are then forgotten. */
  takeTrees(): Readonly<Record<Way, string>>;
}

async function openTracedLanes(script: UpstreamScript, environment = {}): Promise<TracedLanes> {
  const spans = { yoga: keepSpans(), uncached: keepSpans(), cached: keepSpans() };
  const { yoga, uncached, cached } = spans;
  return {
    ...(await openLanes(script, environment, (way) => spans[way].tracing)),
    spans,
    takeTrees() {
      const trees = { yoga: yoga.toTree(), uncached: uncached.toTree(), cached: cached.toTree() };
      for (const { clear } of Object.values(spans)) clear();
      return trees;
    },
  };
}

async function openForTest(script: UpstreamScript = service): Promise<TracedLanes> {
  const lanes = await openTracedLanes(script);
  onTestFinished(() => lanes.close());
  return lanes;
}

const alike = (tree: string) => ({ yoga: tree, uncached: tree, cached: tree });

describe('the same is traced in the fast lane and by Yoga', () => {
  let lanes: TracedLanes;
  beforeAll(async () => {
    lanes = await openTracedLanes(service, { ENABLE_MUTATIONS: 'true', CSRF_PREVENTION: 'false' });
  });
  afterAll(() => lanes.close());

  /** Who answers at last, where the answer cache is on: `planned` is the lane, also after a plan that failed. */
  type Last = 'kept' | 'planned' | 'yoga';

  const get = { contentType: null, length: null };
  test.each<[what: string, last: Last, parts: RequestParts]>([
    ['a query', 'kept', asking('query Mine { job(qrn: "a:1") { qrn } }')],
    ['a query without a name', 'kept', asking('{ job(qrn: "a:1") { qrn name } }')],
    [
      'a query of several',
      'kept',
      asking('query A { a: __typename } query B { job(qrn: "a:2") { qrn } }', { operationName: 'B' }),
    ],
    [
      'a name that holds a key',
      'kept',
      {
        ...asking('query secret_key { job(qrn: "a:1") { qrn shots } }'),
        headers: ['authorization: secret_key'],
      },
    ],
    ['what reads nothing', 'planned', asking('{ __typename }')],
    ['a traceparent', 'kept', traced('query Traced { job(qrn: "a:1") { qrn } }', traceIdOf(0))],
    [
      'a malformed traceparent',
      'kept',
      { ...asking('query Malformed { job(qrn: "a:1") { qrn } }'), headers: ['traceparent: 00-4bf9-01'] },
    ],
    [
      'two traceparents',
      'kept',
      {
        ...asking('query Two { job(qrn: "a:1") { qrn } }'),
        headers: Array(2).fill(`traceparent: 00-${traceIdOf(0)}-${PARENT}-01`),
      },
    ],
    [
      'a request that is not sampled',
      'kept',
      traced('query Unsampled { job(qrn: "a:1") { qrn } }', traceIdOf(0), '00'),
    ],
    [
      'one job after another',
      'planned',
      { ...asking('query Fresh { job(qrn: "a:1") { qrn batchJob { qrn } } }'), headers: [FRESH] },
    ],
    [
      'a batch of jobs',
      'planned',
      {
        ...asking('query Batch { a: job(qrn: "a:1") { qrn } b: job(qrn: "a:2") { qrn } }'),
        headers: [FRESH],
      },
    ],
    [
      'a list and numbers',
      'planned',
      {
        ...asking('query List { jobs(first: 3) { nodes { qrn } totalCount } jobCounts { total } }'),
        headers: [FRESH],
      },
    ],
    [
      'several keys',
      'planned',
      {
        ...asking('query Team { jobs(first: 3) { nodes { qrn } } job(qrn: "a:1") { qrn } }'),
        key: TEAM,
        headers: [FRESH],
      },
    ],
    [
      'a result and a device',
      'kept',
      asking(
        'query Result { job(qrn: "a:1") { result { measurementCounts { count } } device { name queueDepth } } }',
      ),
    ],
    ['a mutation', 'yoga', asking('mutation { cancelJob(input: { qrn: "a:2" }) { job { qrn } } }')],
    [
      'the failure of one key',
      'planned',
      {
        ...asking('query Partial { jobs(first: 3) { nodes { qrn } sources { key } } }'),
        key: 'X-API-KEYS: alice=alice-key, bad=key-503',
      },
    ],
    ['a failure upstream', 'planned', asking('query Failing { job(qrn: "e:503") { qrn } }')],
    ['a job that is not there', 'planned', asking('query Missing { job(qrn: "e:404") { qrn } }')],
    [
      'a refused key',
      'planned',
      { ...asking('query Refused { job(qrn: "a:1") { qrn } }'), key: 'X-API-KEY: unknown' },
    ],
    ['no key', 'planned', { ...asking('query Keyless { job(qrn: "a:1") { qrn } }'), key: null }],
    [
      'a malformed key',
      'yoga',
      { ...asking('query Malkeyed { job(qrn: "a:1") { qrn } }'), key: 'X-API-KEYS: ,,=' },
    ],
    ['an invalid document', 'yoga', asking('{ nothing }')],
    ['a malformed document', 'yoga', asking('{ ')],
    ['a malformed body', 'yoga', { body: '{"query": ' }],
    ['a body that is not UTF-8', 'yoga', { body: '{"query":"{ __typename \xff }"}' }],
    [
      'an unknown operation name',
      'yoga',
      asking('query A { __typename } query B { job(qrn: "a:1") { qrn } }', { operationName: 'C' }),
    ],
    [
      'variables of a wrong type',
      'yoga',
      asking('query Variables($q: String!) { job(qrn: $q) { qrn } }', { variables: { q: 1 } }),
    ],
    ['a GET request', 'planned', { ...get, line: 'GET /graphql?query={__typename} HTTP/1.1' }],
    ['another path', 'yoga', { ...get, line: 'GET /health HTTP/1.1' }],
  ])('%s', async (_, last, parts) => {
    // What was read for other rows is not fresh any more.
    lanes.advance(600_000);
    const executing = vi.spyOn(FastLane.prototype, 'execute');
    const seen: Record<Way, string[]> = { yoga: [], uncached: [], cached: [] };
    for (let time = 0; time < 3; time += 1) {
      await lanes.send([aRequest(parts)]);
      for (const [way, tree] of Object.entries(lanes.takeTrees())) seen[way as Way].push(tree);
    }
    const [first = '', ...others] = seen.yoga;
    const cached = last === 'kept' ? others.map(withoutReads) : others;
    const planned = executing.mock.settledResults.filter(({ value }) => isAnswer(value)).length;
    expect({ ...seen, planned }).toEqual({
      yoga: seen.yoga,
      uncached: seen.yoga,
      cached: [first, ...cached],
      planned: { yoga: 0, planned: 6, kept: 4 }[last],
    });
  });

  /** Only the request and its operation. */
  const withoutReads = (tree: string) => tree.split('\n').slice(0, 2).join('\n');
});

const SERVER = `POST /graphql | server | of TRACE ${PARENT} | {"http.request.method":"POST","http.response.status_code":200}`;
const LOAD = 'load jobs | internal | {"graphql.batch.size":1}';
const READ =
  'GET /jobs/{qrn} | client | {"http.request.method":"GET","http.response.status_code":200,"url.template":"/jobs/{qrn}"}';
const QUERY = 'query Mine | internal | {"graphql.operation.name":"Mine","graphql.operation.type":"query"}';

/** The spans of the operation `Mine`, in the trace with this id. */
const traceOf = (traceId: string) =>
  [SERVER.replace('TRACE', traceId), `  ${QUERY}`, `    ${LOAD}`, `      ${READ}`].join('\n');

test('requests that are served at once each have the spans of what was read for them', async () => {
  const COUNT = 8;
  const waiting: (() => void)[] = [];
  // No answer comes before all have asked, and the last one first.
  const lanes = await openForTest(async (request) => {
    await new Promise<void>((resolve) => {
      waiting.push(resolve);
      if (waiting.length === 3 * COUNT) for (const answer of waiting.toReversed()) answer();
    });
    return service(request);
  });
  const query = 'query Mine($qrn: String!) { job(qrn: $qrn) { qrn } }';
  const names = LISTS['alice-key'].slice(0, COUNT).map(({ jobQrn }) => jobQrn);
  await Promise.all(
    names.map((qrn, index) => {
      const { headers } = traced(query, traceIdOf(index));
      return lanes.send([aRequest({ ...asking(query, { variables: { qrn } }), headers: headers ?? [] })]);
    }),
  );
  expect(lanes.takeTrees()).toEqual(alike(names.map((_, index) => traceOf(traceIdOf(index))).join('\n')));
});

test('a request of which another one is waited for upstream has no span of that', async () => {
  let ask = () => {};
  const asked = new Promise<void>((resolve) => {
    ask = resolve;
  });
  const lanes = await openForTest(async (request) => {
    await asked;
    return service(request);
  });
  const query = 'query Mine { job(qrn: "a:1") { qrn } }';
  const all = [0, 1].map((index) => lanes.send([aRequest(traced(query, traceIdOf(index)))]));
  await vi.waitFor(() => expect(lanes.operationsOf('yoga') + lanes.operationsOf('uncached')).toBe(4));
  ask();
  await Promise.all(all);
  const joined = traceOf(traceIdOf(1)).split('\n');
  expect(lanes.takeTrees()).toEqual({
    ...alike([traceOf(traceIdOf(0)), ...joined.slice(0, 3)].join('\n')),
    // It waits for the answer, which is then kept.
    cached: [traceOf(traceIdOf(0)), ...joined.slice(0, 2)].join('\n'),
  });
});

test('a request whose client leaves is followed to its end', async () => {
  const lanes = await openForTest(() => 'hang');
  const query = 'query Mine { job(qrn: "a:1") { qrn } }';
  const exchange = lanes.open(aRequest({ ...traced(query, traceIdOf(0)), hasNext: true }));
  await vi.waitFor(() => expect(WAYS.map(lanes.operationsOf)).toEqual([1, 1, 1]));
  exchange.leave();
  const left = traceOf(traceIdOf(0)).replace(
    READ,
    'GET /jobs/{qrn} | client | {"http.request.method":"GET","url.template":"/jobs/{qrn}"} | failed: AbortError',
  );
  await vi.waitFor(() => expect(WAYS.map((way) => lanes.spans[way].toTree())).toEqual([left, left, left]));
});

test('a fault in the fast lane fails the span of its request, without its text', async () => {
  const lanes = await openForTest();
  vi.spyOn(FastLane.prototype, 'execute').mockRejectedValue(new TypeError('alice-key'));
  lanes.open(aRequest({ ...traced('{ __typename }', traceIdOf(0)), hasNext: true }));
  await vi.waitFor(() =>
    expect(lanes.spans.uncached.toTree()).toBe(
      `HTTP request | server | of ${traceIdOf(0)} ${PARENT} | {"http.request.method":"POST"} | failed: TypeError`,
    ),
  );
});

test('an event stream is followed until it is open, and what is read then has traces of its own', async () => {
  const lanes = await openForTest();
  const query = 'subscription Mine { jobUpdated(qrns: ["a:1"]) { qrn batchJob { qrn } } }';
  const parts = { ...traced(query, traceIdOf(0)), key: TEAM };
  const headers = [...(parts.headers ?? []), 'Accept: text/event-stream'];
  const exchange = lanes.open(aRequest({ ...parts, headers, hasNext: true }));
  onTestFinished(() => exchange.leave());
  const opening = [SERVER.replace('TRACE', traceIdOf(0)), `  ${QUERY.replaceAll('query', 'subscription')}`];
  await vi.waitFor(() => {
    const trees = lanes.spans;
    expect(trees.yoga.toTree()).toMatch(/^load jobs/m);
    expect(trees.yoga.toTree()).toContain(opening.join('\n'));
    expect(trees.uncached.toTree()).toBe(trees.yoga.toTree());
    expect(trees.cached.toTree()).toBe(trees.yoga.toTree());
  });
});
