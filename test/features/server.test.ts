import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buildClientSchema, getIntrospectionQuery } from 'graphql';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createTestGateway, type TestGateway } from '../support/create-test-gateway.ts';
import { openStream, openStreamAt } from '../support/event-stream.ts';
import { aJob } from '../support/job-builder.ts';
import type { UpstreamReply } from '../support/scripted-upstream.ts';

const JOB: UpstreamReply = { body: { success: true, data: aJob('a:1', { batchJobQrn: 'a:2' }) } };
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Posts an operation, and gives the whole response. */
function post({ yoga }: TestGateway, query: string, headers: Record<string, string> = {}) {
  return yoga.fetch('http://gateway/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': 'alice-key', ...headers },
    body: JSON.stringify({ query }),
  });
}

describe('the request id', () => {
  test.each(['1', 'trace:0f8f-1.2.3', 'a'.repeat(128)])(
    '%s is kept, in the response and on every log line',
    async (id) => {
      const gateway = await createTestGateway(() => JOB);

      const response = await post(gateway, '{ job(qrn: "a:1") { qrn } }', { 'x-request-id': id });

      expect(response.headers.get('x-request-id')).toBe(id);
      expect(gateway.logs.map(({ msg }) => msg)).toEqual(
        expect.arrayContaining(['upstream answered', 'operation']),
      );
      expect(new Set(gateway.logs.map(({ requestId }) => requestId))).toEqual(new Set([id]));
    },
  );

  test.each([
    '',
    'a b',
    '<script>',
    '"',
    'a,b',
    'a'.repeat(129),
    'é',
    'qbr_demo',
    'alice-key',
    'trace-alice-key',
    'ALICE-KEY-1',
  ])('%s is replaced, in the response and on every log line', async (id) => {
    const gateway = await createTestGateway(() => JOB);

    const response = await post(gateway, '{ job(qrn: "a:1") { qrn } }', { 'x-request-id': id });

    expect(response.headers.get('x-request-id')).toMatch(UUID);
    expect(new Set(gateway.logs.map(({ requestId }) => requestId))).toEqual(
      new Set([response.headers.get('x-request-id')]),
    );
  });

  test('is a new one for each request that comes without', async () => {
    const gateway = await createTestGateway(() => JOB);
    const responses = [await post(gateway, '{ __typename }'), await post(gateway, '{ __typename }')];
    const ids = responses.map(({ headers }) => headers.get('x-request-id'));
    expect(ids).toEqual([expect.stringMatching(UUID), expect.stringMatching(UUID)]);
    expect(ids[0]).not.toBe(ids[1]);
  });

  test('tells requests apart that are served at once', async () => {
    const gateway: TestGateway = await createTestGateway(async ({ path }) => {
      await gateway.upstream.received(2);
      return { body: { success: true, data: aJob(path.slice('/jobs/'.length)) } };
    });

    await Promise.all([
      post(gateway, '{ job(qrn: "a:1") { qrn } }', { 'x-request-id': 'one' }),
      post(gateway, '{ job(qrn: "a:2") { qrn } }', { 'x-request-id': 'two' }),
    ]);

    const about = gateway.logs.filter(({ msg }) => msg === 'upstream answered');
    expect(about.map(({ requestId }) => requestId).sort()).toEqual(['one', 'two']);
  });

  test.each([
    ['a document that cannot be parsed', 'POST', '/graphql', '{'],
    ['an unknown path', 'GET', '/nothing', undefined],
    ['the health check', 'GET', '/health', undefined],
  ])('is also given to %s', async (_, method, path, query) => {
    const { yoga } = await createTestGateway(() => JOB);
    const { headers } = await yoga.fetch(`http://gateway${path}`, {
      method,
      headers: { 'content-type': 'application/json', 'x-request-id': 'mine' },
      ...(query === undefined ? {} : { body: JSON.stringify({ query }) }),
    });
    expect(headers.get('x-request-id')).toBe('mine');
  });
});

test('the log says of a request how it was answered, and nothing that it asked: at the level debug', async () => {
  const gateway = await createTestGateway(() => JOB);

  await gateway.yoga.fetch('http://gateway/graphql?query={job(qrn:"a:1"){qrn}}', {
    headers: { 'x-api-key': 'alice-key' },
  });

  expect(gateway.logs.filter(({ msg }) => msg === 'request answered')).toEqual([
    expect.objectContaining({ level: 20, method: 'GET', path: '/graphql', status: 200, durationMs: 0 }),
  ]);
  expect(JSON.stringify(gateway.logs)).not.toContain('a:1');
});

describe('a client that leaves', () => {
  const fifty = `{ ${Array.from({ length: 50 }, (_, index) => `j${index}: job(qrn: "a:${index}") { qrn }`).join(' ')} }`;
  const subscription = 'subscription { jobUpdated(qrns: ["a:1"]) { batchJob { qrn } } }';
  const headers = { 'x-request-id': 'mine' };
  const oneLine = [expect.objectContaining({ level: 20, msg: 'operation abandoned', requestId: 'mine' })];

  /** The lines about operations and errors, once the gateway has given up its requests. */
  async function linesOf({ logs, upstream }: TestGateway) {
    await upstream.abandoned(1);
    return logs.filter(({ level, msg }) => msg === 'operation abandoned' || Number(level) >= 40);
  }

  test.each<[how: string, reason: unknown]>([
    ['without a reason', undefined],
    ['with an error of its own', new Error('gone')],
    ['with a reason that is no error', 'gone'],
    ['after its own deadline', new DOMException('too late', 'TimeoutError')],
  ])('%s is one debug line, however many fields it asked for', async (_, reason) => {
    const gateway = await createTestGateway(() => 'hang');
    const client = new AbortController();
    const answer = gateway.query(fifty, { headers, signal: client.signal });
    await gateway.upstream.received(1);

    client.abort(reason);

    await expect(answer).rejects.toBeDefined();
    expect(await linesOf(gateway)).toEqual(oneLine);
  });

  /** Listens for the time of the test: gives the address of the GraphQL endpoint. */
  async function listen({ yoga }: TestGateway) {
    const server = createServer(yoga).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
  }

  test('over a socket is one debug line', async () => {
    const gateway = await createTestGateway(() => 'hang');
    const client = new AbortController();
    const answer = fetch(await listen(gateway), {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': 'alice-key', 'x-request-id': 'mine' },
      body: JSON.stringify({ query: fifty }),
      signal: client.signal,
    });
    await gateway.upstream.received(1);

    client.abort();

    await expect(answer).rejects.toBeDefined();
    expect(await linesOf(gateway)).toEqual(oneLine);
  });

  test('within an event over a socket is one debug line', async () => {
    const gateway = await createTestGateway(({ path }) => (path === '/jobs/a:1' ? JOB : 'hang'));
    const stream = await openStreamAt(await listen(gateway), subscription, { headers });
    const event = stream.next();
    await gateway.upstream.received(2);

    stream.cut();

    await expect(event).rejects.toBeDefined();
    expect(await linesOf(gateway)).toEqual(oneLine);
  });

  test.each([
    ['that waits for its first event', 'hang', 1],
    ['within an event', JOB, 2],
  ] as const)('a subscription %s is one debug line', async (_, reply, requests) => {
    const gateway = await createTestGateway(({ path }) => (path === '/jobs/a:1' ? reply : 'hang'));
    const stream = await openStream(gateway, subscription, { headers });
    const event = stream.next();
    await gateway.upstream.received(requests);

    stream.cut();

    await expect(event).rejects.toThrow();
    expect(await linesOf(gateway)).toEqual(oneLine);
  });

  test('after its answer is not told of', async () => {
    const gateway = await createTestGateway(() => JOB);
    const client = new AbortController();
    await gateway.query('{ job(qrn: "a:1") { qrn } }', { signal: client.signal });

    client.abort();

    expect(gateway.logs.map(({ msg }) => msg)).not.toContain('operation abandoned');
  });
});

describe('CORS', () => {
  const origin = 'https://app.example.com';

  /** The headers about CORS of a response. */
  const corsOf = ({ headers }: Response) =>
    Object.fromEntries([...headers].filter(([name]) => name.startsWith('access-control-')));

  const preflight = ({ yoga }: TestGateway, from: string) =>
    yoga.fetch('http://gateway/graphql', {
      method: 'OPTIONS',
      headers: {
        origin: from,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type,x-api-key',
      },
    });

  test.each<[what: string, environment: Record<string, string>, from: string]>([
    ['is off', {}, origin],
    ['is off for an origin that is not configured', { CORS_ORIGINS: 'https://a.example' }, origin],
    ['is off for every other origin', { CORS_ORIGINS: 'https://a.example,https://b.example' }, origin],
    ['is off for sandboxed frames', { CORS_ORIGINS: 'https://a.example,https://b.example' }, 'null'],
    ['is off for a look-alike', { CORS_ORIGINS: origin }, `${origin}.evil.example`],
  ])('%s', async (_, environment, from) => {
    const gateway = await createTestGateway(() => JOB, environment);
    const responses = [
      await preflight(gateway, from),
      await post(gateway, '{ __typename }', { origin: from }),
    ];
    expect(responses.map(corsOf)).toEqual([{}, {}]);
  });

  test.each([origin, `https://a.example, ${origin}`, '*'])('is on for CORS_ORIGINS=%s', async (origins) => {
    const gateway = await createTestGateway(() => JOB, { CORS_ORIGINS: origins });

    const response = await preflight(gateway, origin);

    expect({ status: response.status, ...corsOf(response) }).toEqual({
      status: 204,
      'access-control-allow-origin': origin,
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers':
        'cache-control, content-type, x-api-key, x-api-keys, x-request-id, traceparent, x-operation-cost, x-debug-upstream, ' +
        'apollographql-client-name, graphql-client-name, apollographql-client-version, graphql-client-version, ' +
        'x-graphql-yoga-csrf, apollo-require-preflight, x-apollo-operation-name',
      'access-control-max-age': '86400',
    });
  });

  test('lets an allowed page read the answer, its id and when to ask again, without credentials', async () => {
    const gateway = await createTestGateway(() => JOB, { CORS_ORIGINS: origin });
    const { headers } = await post(gateway, '{ __typename }', { origin });
    expect(headers.get('access-control-allow-origin')).toBe(origin);
    expect(headers.get('access-control-expose-headers')).toBe('x-request-id, retry-after');
    expect(headers.get('access-control-allow-credentials')).toBeNull();
  });

  test.each<[origins: string, from: string, vary: string]>([
    ['', origin, 'Accept, X-API-KEY, X-API-KEYS'],
    [origin, origin, 'Accept, X-API-KEY, X-API-KEYS, Origin'],
    [origin, 'https://b.example', 'Accept, X-API-KEY, X-API-KEYS, Origin'],
    [origin, '', 'Accept, X-API-KEY, X-API-KEYS, Origin'],
  ])('with CORS_ORIGINS=%s answers pages of “%s” with Vary: %s', async (origins, from, vary) => {
    const gateway = await createTestGateway(() => JOB, { CORS_ORIGINS: origins });
    const { headers } = await post(gateway, '{ __typename }', from === '' ? {} : { origin: from });
    expect(headers.get('vary')).toBe(vary);
  });
});

describe('a document', () => {
  const nested = (count: number, open: string, close: string) => open.repeat(count) + close.repeat(count);
  const chainOfFragments = (length: number) => {
    const fragments = Array.from(
      { length },
      (_, index) => `fragment f${index} on Query { ...f${index + 1} }`,
    );
    return `{ ...f0 } ${fragments.join(' ')} fragment f${length} on Query { __typename }`;
  };

  test.each([
    ['3,000 nested selections', nested(3000, '{a', '}')],
    ['10,000 nested selections', nested(10_000, '{a', '}')],
    ['10,000 nested fragments', nested(10_000, '{...', '}')],
    ['20,000 nested lists', `{ jobs(filter: { tags: ${nested(20_000, '[', ']')} }) { totalCount } }`],
    ['10,000 nested objects', `{ jobs(filter: { tags: ${nested(10_000, '{a:', '}')} }) { totalCount } }`],
    ['a chain of 4,000 fragments', chainOfFragments(4000)],
    ['a chain of 1,000 fragments', chainOfFragments(1000)],
  ])('with %s is refused, and refused again, however many tokens are allowed', async (_, document) => {
    const gateway = await createTestGateway(() => JOB, {
      MAX_TOKENS: '100000',
      MAX_DOCUMENT_BYTES: '1000000',
    });

    const responses = [await post(gateway, document), await post(gateway, document)];

    expect(responses.map(({ status }) => status)).toEqual([400, 400]);
    expect(await responses[0]?.json()).toEqual({
      errors: [
        expect.objectContaining({ extensions: expect.objectContaining({ code: 'OPERATION_TOO_COMPLEX' }) }),
      ],
    });
    expect(gateway.upstream.requests).toEqual([]);
  });

  test('with 400 nested batches, of a job that is its own, is answered where it may be so deep', async () => {
    const { query } = await createTestGateway(
      () => ({
        body: { data: aJob('a:1', { batchJobQrn: 'a:1' }) },
      }),
      { MAX_DEPTH: '402' },
    );
    const { data, errors } = await query(
      `{ job(qrn: "a:1") ${nested(400, '{ batchJob', '}').replace('}', ' { qrn } }')} }`,
    );
    expect(errors).toBeUndefined();
    expect(JSON.stringify(data).match(/batchJob/g)).toHaveLength(400);
  });

  test('with all of the schema is answered', async () => {
    const { query } = await createTestGateway(() => JOB);
    const { data } = await query(
      getIntrospectionQuery({ inputValueDeprecation: true, specifiedByUrl: true }),
    );
    expect(buildClientSchema(data).getType('Job')?.description).toContain('A quantum job');
  });
});

test('the health check answers without asking the upstream', async () => {
  const { yoga, upstream } = await createTestGateway(() => 'reset');
  const { status } = await yoga.fetch('http://gateway/health');
  expect([status, upstream.requests]).toEqual([200, []]);
});

test.each(['/graphql', '/', '/graphiql', '/playground'])(
  'no playground is served at %s where there is none',
  async (path) => {
    const { yoga } = await createTestGateway(() => JOB);
    const response = await yoga.fetch(`http://gateway${path}`, { headers: { accept: 'text/html' } });
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(await response.text()).not.toMatch(/<html|<script/i);
  },
);
