import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aJob } from '../support/job-builder.ts';
import { jobService, refusal } from '../support/job-service.ts';
import { type Environment, type Program, startProgram } from '../support/run-program.ts';
import {
  type ScriptedUpstream,
  startScriptedUpstream,
  type UpstreamBehaviour,
} from '../support/scripted-upstream.ts';
import { sendOperation } from '../support/send-operation.ts';

/** The limits of time that the gateway is given here, in milliseconds. */
const LIMIT_MS = '2000';

/** No fault may hold an answer for longer: far above what a busy machine takes, and far below a hang. */
const BOUND_MS = 10_000;

const JOB = '{ job(qrn: "a:1") { qrn } }';
const deep = `{"success":true,"data":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;

/** What upstream does, and the code that the client gets: `fine` for the job itself. */
const SERVICE_FAULTS: readonly (readonly [what: string, behaviour: UpstreamBehaviour, code: string])[] = [
  ['answers 401', refusal(401, 'Authentication required'), 'UNAUTHENTICATED'],
  ['answers 403', refusal(403, 'No.'), 'FORBIDDEN'],
  ['answers 404', refusal(404, 'Job not found'), 'NOT_FOUND'],
  ['answers 409', refusal(409, 'Not yet.'), 'UPSTREAM_REJECTED'],
  ['answers 422', refusal(422, []), 'BAD_USER_INPUT'],
  ['answers 429', refusal(429, 'Slow down.', { 'retry-after': '7' }), 'RATE_LIMITED'],
  ['answers 500', { status: 500 }, 'UPSTREAM_UNAVAILABLE'],
  ['answers 503 in HTML', { status: 503, body: '<html>' }, 'UPSTREAM_UNAVAILABLE'],
  ['answers 520', { status: 520 }, 'UPSTREAM_UNAVAILABLE'],
  ['answers 204', { status: 204 }, 'UPSTREAM_INVALID_RESPONSE'],
  ['redirects', { status: 302, headers: { location: 'http://127.0.0.1:9/' } }, 'UPSTREAM_INVALID_RESPONSE'],
  ['says that it did not succeed', { body: { success: false } }, 'UPSTREAM_REJECTED'],
  ['answers nonsense', { body: 'nonsense' }, 'UPSTREAM_INVALID_RESPONSE'],
  ['answers half a text', { body: '{"success": true, "data"' }, 'UPSTREAM_INVALID_RESPONSE'],
  ['answers with a list', { body: [] }, 'UPSTREAM_INVALID_RESPONSE'],
  ['answers about another job', { body: { success: true, data: aJob('b:1') } }, 'UPSTREAM_INVALID_RESPONSE'],
  ['nests its answer too deep', { body: deep }, 'UPSTREAM_INVALID_RESPONSE'],
  ['sends too much', { body: 'x'.repeat(17_000_000) }, 'UPSTREAM_INVALID_RESPONSE'],
  [
    'sends another content coding',
    { headers: { 'content-encoding': 'compress' }, body: {} },
    'UPSTREAM_INVALID_RESPONSE',
  ],
  ['hangs up', 'reset', 'UPSTREAM_UNAVAILABLE'],
  ['breaks off', { body: '{"success"', isCutOff: true }, 'UPSTREAM_UNAVAILABLE'],
  ['stops within its answer', { body: '{"success"', isStalled: true }, 'GATEWAY_TIMEOUT'],
  ['never answers', 'hang', 'GATEWAY_TIMEOUT'],
];

/** What a server does that does not speak HTTP as it should, and the code that the client gets. */
const SOCKET_FAULTS: readonly (readonly [what: string, act: (socket: Socket) => void, code: string])[] = [
  ['speaks no HTTP', (socket) => socket.end('SSH-2.0-OpenSSH_9.9\r\n'), 'UPSTREAM_INVALID_RESPONSE'],
  [
    'sends too many headers',
    (socket) => socket.write(`HTTP/1.1 200 OK\r\n${`x: ${'y'.repeat(1000)}\r\n`.repeat(100)}\r\n`),
    'UPSTREAM_INVALID_RESPONSE',
  ],
  [
    'sends a status that is none',
    (socket) => socket.write('HTTP/1.1 099 No\r\ncontent-length: 2\r\n\r\n{}'),
    'UPSTREAM_INVALID_RESPONSE',
  ],
  [
    'breaks off an answer after which it would close',
    (socket) => socket.end('HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 20\r\n\r\n{}'),
    'UPSTREAM_UNAVAILABLE',
  ],
  ['closes before it is asked', (socket) => socket.end(), 'UPSTREAM_UNAVAILABLE'],
  ['resets the connection', (socket) => socket.resetAndDestroy(), 'UPSTREAM_UNAVAILABLE'],
  [
    'drips its headers',
    (socket) => {
      const drip = setInterval(() => socket.write('x'), 50);
      socket.write('HTTP/1.1 200 OK\r\nx-slow: ');
      socket.on('close', () => clearInterval(drip)).on('error', () => clearInterval(drip));
    },
    'GATEWAY_TIMEOUT',
  ],
  [
    'sends one answer too many',
    (socket) => {
      const body = JSON.stringify({ success: true, data: aJob('b:1') });
      const answer = `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
      socket.write(answer + answer);
    },
    'UPSTREAM_INVALID_RESPONSE',
  ],
];

const POST = { method: 'POST', headers: { 'content-type': 'application/json', 'x-api-key': 'good-key' } };
const asking = (query: string, more: object = {}) => ({ ...POST, body: JSON.stringify({ query, ...more }) });
const repeated = (count: number, of: (index: number) => string) =>
  `{ ${Array.from({ length: count }, (_, index) => of(index)).join(' ')} }`;

/** What a client sends, and the status and code that it gets. */
const CLIENT_FAULTS: readonly (readonly [what: string, init: RequestInit, status: number, code: string])[] = [
  ['no key', { ...asking(JOB), headers: { 'content-type': 'application/json' } }, 200, 'UNAUTHENTICATED'],
  ['half of a JSON text', { ...POST, body: '{"query": "{' }, 400, 'BAD_REQUEST'],
  ['brackets alone', { ...POST, body: '['.repeat(200_000) }, 400, 'BAD_REQUEST'],
  ['several operations at once', { ...POST, body: `[${asking(JOB).body}]` }, 400, 'BAD_REQUEST'],
  ['too much', { ...POST, body: `{"query":"${'x'.repeat(300_000)}"}` }, 413, 'REQUEST_ENTITY_TOO_LARGE'],
  ['a form', { method: 'POST', body: new URLSearchParams({ query: JOB }) }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
  [
    'what no page may answer',
    { ...asking(JOB), headers: { ...POST.headers, accept: 'image/png' } },
    406,
    'NOT_ACCEPTABLE',
  ],
  ['another method', { ...asking(JOB), method: 'PUT' }, 405, 'BAD_REQUEST'],
  ['no GraphQL', asking('{'), 200, 'GRAPHQL_PARSE_FAILED'],
  ['a field that is none', asking('{ secret }'), 200, 'GRAPHQL_VALIDATION_FAILED'],
  ['101 aliases', asking(repeated(101, (index) => `a${index}: __typename`)), 400, 'OPERATION_TOO_COMPLEX'],
  ['500 fields', asking(repeated(500, () => '__typename')), 400, 'OPERATION_TOO_COMPLEX'],
  [
    'a hundred lists of all that there is',
    asking(repeated(100, (index) => `a${index}: jobs(first: 500) { nodes { qrn name status tags } }`)),
    400,
    'OPERATION_TOO_COMPLEX',
  ],
  ['3,000 nested fields', asking(`${'{a'.repeat(900)}${'}'.repeat(900)}`), 400, 'OPERATION_TOO_COMPLEX'],
  ['70 KB of a document', asking(`{ __typename } # ${'x'.repeat(70_000)}`), 400, 'OPERATION_TOO_COMPLEX'],
  ['a question about the schema', asking('{ __schema { types { name } } }'), 400, 'INTROSPECTION_DISABLED'],
  [
    'a variable of another type',
    asking('query ($q: String!) { job(qrn: $q) { qrn } }', { variables: { q: 1 } }),
    400,
    'BAD_USER_INPUT',
  ],
  ['a QRN that is none', asking('{ job(qrn: "../jobs") { qrn } }'), 200, 'BAD_USER_INPUT'],
  ['a cursor that is none', asking('{ jobs(after: "x") { totalCount } }'), 200, 'BAD_USER_INPUT'],
];

/** The key for which a fault happens. */
const keyOf = (what: string) => what.replaceAll(' ', '-');

/** Starts the built gateway over an upstream at this address, with short limits. Whoever starts it ends it. */
async function start(upstreamUrl: string, environment: Environment = {}) {
  const program = startProgram([], {
    PORT: '0',
    NODE_ENV: 'production',
    QBRAID_API_URL: upstreamUrl,
    UPSTREAM_TIMEOUT_MS: '5000',
    UPSTREAM_CONNECT_TIMEOUT_MS: LIMIT_MS,
    UPSTREAM_HEADERS_TIMEOUT_MS: LIMIT_MS,
    UPSTREAM_BODY_TIMEOUT_MS: LIMIT_MS,
    ...environment,
  });
  const [, url = ''] = await program.printed(/"url":"([^"]+)"/);
  return { program, url };
}

/** Asks for the job: gives the code of the answer and how long it took. */
async function ask(url: string, key: string, headers: Readonly<Record<string, string>> = {}) {
  const startedAtMs = performance.now();
  const { data, errors } = await sendOperation(url, key, JOB, headers);
  const code = errors?.[0]?.extensions.code ?? data.job.qrn;
  return { code, isInTime: performance.now() - startedAtMs < BOUND_MS };
}

describe('the built gateway beside an upstream', () => {
  let upstream: ScriptedUpstream;
  let program: Program;
  let url = '';

  beforeAll(async () => {
    const behaviours = new Map(SERVICE_FAULTS.map(([what, behaviour]) => [keyOf(what), behaviour]));
    const service = jobService({ 'good-key': [aJob('a:1')] });
    upstream = await startScriptedUpstream(
      (request) => behaviours.get(request.key ?? '') ?? service(request),
    );
    ({ program, url } = await start(upstream.url));
  });

  afterAll(async () => {
    program.signal('SIGKILL');
    await upstream.close();
  });

  // Between the faults upstream answers: otherwise they would be an outage.
  const askWell = () => ask(url, 'good-key', { 'cache-control': 'no-cache' });

  test.each(SERVICE_FAULTS)('that %s answers at once, and goes on', async (what, _, code) => {
    const before = [await askWell(), await askWell()];
    expect([...before, await ask(url, keyOf(what)), await askWell()]).toEqual(
      ['a:1', 'a:1', code, 'a:1'].map((each) => ({ code: each, isInTime: true })),
    );
  });
});

describe('the built gateway beside a client', () => {
  let upstream: ScriptedUpstream;
  let program: Program;
  let url = '';

  beforeAll(async () => {
    upstream = await startScriptedUpstream(jobService({ 'good-key': [aJob('a:1')] }));
    ({ program, url } = await start(upstream.url));
  });

  afterAll(async () => {
    program.signal('SIGKILL');
    await upstream.close();
  });

  test.each(CLIENT_FAULTS)('that sends %s answers at once, and goes on', async (_, init, status, code) => {
    const startedAtMs = performance.now();
    const response = await fetch(url, init);
    const { errors } = await response.json();
    const isInTime = performance.now() - startedAtMs < BOUND_MS;
    expect([response.status, errors[0].extensions.code, isInTime]).toEqual([status, code, true]);
    expect(await ask(url, 'good-key')).toEqual({ code: 'a:1', isInTime: true });
  });
});

describe('the built gateway over a server', () => {
  let server: Server;
  let program: Program;
  let url = '';

  beforeAll(async () => {
    server = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', (head) => {
        const [, key] = /^x-api-key: (.*)$/im.exec(String(head)) ?? [];
        SOCKET_FAULTS.find(([what]) => keyOf(what) === key)?.[1](socket);
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    ({ program, url } = await start(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
  });

  afterAll(() => {
    program.signal('SIGKILL');
    server.close();
  });

  test.each(SOCKET_FAULTS)('that %s answers at once', async (what, _, code) => {
    expect(await ask(url, keyOf(what))).toEqual({ code, isInTime: true });
  });

  test('that listens no more answers at once', async () => {
    await new Promise((resolve) => server.close(resolve));
    expect(await ask(url, 'alice-key')).toEqual({ code: 'UPSTREAM_UNAVAILABLE', isInTime: true });
  });
});
