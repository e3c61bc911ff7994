import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { parseConfig } from '../../src/config/parse-config.ts';
import { Arrivals } from '../../src/server/http/arrivals.ts';
import { createHttpServer } from '../../src/server/http/create-http-server.ts';
import { createTestGateway } from '../support/create-test-gateway.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const KEY = 'qbr_secret_1';
const ERRORS = [
  {
    message: 'The gateway has more to do than it can: try again after 1 s.',
    extensions: { code: 'OVERLOADED', retryAfterMs: 1000 },
  },
];

/** A gateway on a socket, where every request would wait for too long. */
async function startLateServer(environment: Readonly<Record<string, string>> = {}) {
  const errors: unknown[] = [];
  const { yoga, refuse, upstream, logs } = await createTestGateway(
    () => 'hang',
    environment,
    createFakeClock(),
    { observers: [{ errorSent: (error) => void errors.push(error) }] },
  );
  const clock = createFakeClock();
  const server = createHttpServer({
    gateway: {
      yoga,
      refuse,
      lane: () => false,
      senderOf: () => ({ address: '', keys: '' }),
      refused() {},
    },
    http: parseConfig(environment).http,
    arrivals: new Arrivals({ clock, maxWaitMs: -1 }),
    logger: { debug() {}, info() {}, warn() {}, error() {} },
    clock,
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    upstream,
    errors,
    lines: () => logs.filter(({ msg }) => msg === 'operation'),
    ask: (path = '/graphql', init: RequestInit = {}) => fetch(`${origin}${path}`, init),
    post: (headers: Readonly<Record<string, string>> = {}, body = '{"query":"{ __typename }"}') =>
      fetch(`${origin}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-api-key': KEY, ...headers },
        body,
      }),
  };
}

test('an operation that would wait too long for its turn is refused with the headers of all answers', async () => {
  const { post, upstream } = await startLateServer();

  const response = await post({ 'x-request-id': 'request-1' });

  expect([response.status, await response.json()]).toEqual([503, { errors: ERRORS }]);
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'retry-after': '1',
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'private, no-store',
    vary: 'Accept, X-API-KEY, X-API-KEYS',
    'x-content-type-options': 'nosniff',
    'x-request-id': 'request-1',
  });
  expect(response.headers.has('access-control-allow-origin')).toBe(false);
  expect(upstream.requests).toEqual([]);
});

test.each([
  ['application/graphql-response+json', 'application/graphql-response+json; charset=utf-8'],
  ['text/event-stream', 'application/json; charset=utf-8'],
])('one that accepts %s is refused as %s', async (accept, type) => {
  const { post } = await startLateServer();
  const response = await post({ accept });
  expect([response.status, response.headers.get('content-type')]).toEqual([503, type]);
});

test('a refusal is logged and counted as any other answer, with nothing of the key', async () => {
  const { post, lines, errors } = await startLateServer({ TRUSTED_PROXIES: '127.0.0.1' });

  const response = await post({
    'x-request-id': `trace-${KEY}`,
    'x-forwarded-for': '203.0.113.7',
    'apollographql-client-name': 'dashboard',
  });
  await response.text();

  await expect.poll(lines).toHaveLength(1);
  expect(lines()[0]).toMatchObject({
    outcome: 'answered',
    status: 503,
    errors: ['OVERLOADED'],
    clientName: 'dashboard',
    address: '203.0.113.7',
    requestId: response.headers.get('x-request-id'),
  });
  expect(errors).toEqual([{ code: 'OVERLOADED', limit: null }]);
  expect(JSON.stringify([lines(), [...response.headers]])).not.toContain('secret');
});

test.each([
  ['https://app.example.com', 'https://app.example.com'],
  ['https://evil.example.com', null],
])('a page of %s may read it: %s', async (origin, allowed) => {
  const { post } = await startLateServer({ CORS_ORIGINS: 'https://app.example.com' });
  const { headers } = await post({ origin });
  const names = ['allow-origin', 'expose-headers'].map((name) => headers.get(`access-control-${name}`));
  expect([...names, headers.get('vary')]).toEqual([
    allowed,
    allowed === null ? null : 'x-request-id, retry-after',
    'Accept, X-API-KEY, X-API-KEYS, Origin',
  ]);
});

test.each<[what: string, path: string, init: RequestInit, status: number]>([
  ['/health', '/health', {}, 200],
  ['/ready', '/ready?verbose', {}, 200],
  ['what a browser asks before an operation', '/graphql', { method: 'OPTIONS' }, 204],
])('%s is answered all the same', async (_, path, init, status) => {
  const { ask } = await startLateServer({ CORS_ORIGINS: 'https://app.example.com' });
  expect((await ask(path, init)).status).toBe(status);
});

test('a path that is none is refused, too, and is no operation', async () => {
  const { ask, lines } = await startLateServer();
  const response = await ask('/graphql/secret');
  await response.text();
  await ask('/graphql?query={__typename}').then((other) => other.text());
  await expect.poll(lines).toHaveLength(1);
  expect(response.status).toBe(503);
});

test('a body that nobody reads is no obstacle', async () => {
  const { post } = await startLateServer();
  const statuses = [await post({}, 'x'.repeat(200_000)), await post()].map(({ status }) => status);
  expect(statuses).toEqual([503, 503]);
});
