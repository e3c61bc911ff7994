import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createTestGateway, type TestGateway } from '../support/create-test-gateway.ts';
import { createWaiters } from '../support/create-waiters.ts';
import { openStream, openStreamAt } from '../support/event-stream.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { aJob } from '../support/job-builder.ts';
import { passTime } from '../support/pass-time.ts';
import type { UpstreamReply } from '../support/scripted-upstream.ts';

const JOB: UpstreamReply = { body: { success: true, data: aJob('a:1', { batchJobQrn: 'a:2' }) } };
const QUERY = 'query One { job(qrn: "a:1") { qrn } }';
const WATCH = 'subscription Watch { jobUpdated(qrns: ["a:1"]) { qrn } }';

/** The access-log lines of a gateway, without what pino adds. */
function linesOf({ logs }: Pick<TestGateway, 'logs'>) {
  return logs
    .filter(({ msg }) => msg === 'operation')
    .map(({ time: _, pid: __, hostname: ___, requestId: ____, msg: _____, ...facts }) => facts);
}

describe('the access log', () => {
  test('says of an operation what was asked, by whom, what it cost, and how it ended', async () => {
    const clock = createFakeClock();
    const gateway = await createTestGateway(
      () => {
        clock.advance(40);
        return JOB;
      },
      {},
      clock,
    );
    const headers = { 'apollographql-client-name': 'web', 'apollographql-client-version': '1.2.3' };
    await gateway.query('query Both { job(qrn: "a:1") { qrn } again: job(qrn: "a:1") { qrn } }', { headers });

    await gateway.query(QUERY, { headers });

    const shared = {
      type: 'query',
      outcome: 'answered',
      status: 200,
      errors: [],
      keys: [expect.stringMatching(/^[0-9a-f]{8}$/)],
      joined: 0,
      stale: 0,
      clientName: 'web',
      clientVersion: '1.2.3',
      address: '',
    };
    expect(linesOf(gateway)).toEqual([
      {
        level: 30,
        ...shared,
        operation: 'Both',
        durationMs: 40,
        upstreamRequests: 1,
        upstreamMs: 40,
        hits: 0,
      },
      { level: 30, ...shared, operation: 'One', durationMs: 0, upstreamRequests: 0, upstreamMs: 0, hits: 1 },
    ]);
  });

  test.each<[what: string, body: string, expected: object]>([
    [
      'an anonymous operation',
      '{"query":"{ __typename }"}',
      { operation: 'anonymous', type: 'query', status: 200, errors: [] },
    ],
    [
      'an operation that fails',
      '{"query":"query Bad { job(qrn: \\"x\\") { qrn } }"}',
      { operation: 'Bad', errors: ['BAD_USER_INPUT'] },
    ],
    [
      'an invalid document, without its name',
      '{"query":"query Secret { nothing }"}',
      { operation: undefined, errors: ['GRAPHQL_VALIDATION_FAILED'] },
    ],
    [
      'a document that cannot be parsed',
      '{"query":"{"}',
      { operation: undefined, errors: ['GRAPHQL_PARSE_FAILED'] },
    ],
    ['a body that is too large', `{"query":"${' '.repeat(300_000)}"}`, { operation: undefined, status: 413 }],
    ['a body that is no JSON', '{"query', { operation: undefined, status: 400 }],
  ])('has a line for %s', async (_, body, expected) => {
    const gateway = await createTestGateway(() => JOB);
    await gateway.yoga.fetch('http://gateway/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': 'alice-key' },
      body,
    });
    const { operation, ...rest } = { operation: undefined, ...linesOf(gateway)[0] };
    expect([linesOf(gateway).length, { operation, ...rest }]).toEqual([1, expect.objectContaining(expected)]);
  });

  test('has a line for a subscription when it ends, with its events', async () => {
    let state: Record<string, unknown> = { status: 'RUNNING' };
    const gateway = await createTestGateway(() => ({ body: { success: true, data: aJob('a:1', state) } }));
    const stream = await openStream(gateway, WATCH);
    await stream.next();
    expect(linesOf(gateway)).toEqual([]);

    state = { status: 'COMPLETED', cost: 1 };
    await passTime(gateway, 2000);
    await stream.rest();
    await setImmediate();

    expect(linesOf(gateway)).toEqual([
      expect.objectContaining({ operation: 'Watch', type: 'subscription', outcome: 'answered', events: 2 }),
    ]);
  });

  test.each<[headers: Record<string, string>, name: string | null, version: string | null]>([
    [{}, null, null],
    [
      { 'graphql-client-name': '@acme/jobs dashboard', 'graphql-client-version': '2.0.0-rc.1+build' },
      '@acme/jobs dashboard',
      '2.0.0-rc.1+build',
    ],
    [
      { 'graphql-client-name': 'a'.repeat(65), 'graphql-client-version': '1'.repeat(33) },
      'invalid',
      'invalid',
    ],
    [{ 'graphql-client-name': '<b>', 'graphql-client-version': '1 "2"' }, 'invalid', 'invalid'],
    [
      { 'graphql-client-name': 'alice-secret-key', 'graphql-client-version': 'v-alice-secret-key' },
      'invalid',
      'invalid',
    ],
    [{ 'graphql-client-name': 'alice-secret', 'graphql-client-version': 'bob-secret' }, 'invalid', 'invalid'],
  ])('shows of %j the name %s and the version %s', async (headers, clientName, clientVersion) => {
    const gateway = await createTestGateway(() => JOB);
    await gateway.query(QUERY, { keys: 'a=alice-secret-key, b=bob-secret-key==', headers });
    expect(linesOf(gateway)).toEqual([expect.objectContaining({ clientName, clientVersion })]);
  });

  test.each(['alice_key', 'by_alice_key', 'a'.repeat(65)])('shows no operation name %s', async (name) => {
    const gateway = await createTestGateway(() => JOB);
    await gateway.query(`query ${name} { __typename }`, { key: 'alice_key' });
    expect(linesOf(gateway)).toEqual([expect.objectContaining({ operation: 'invalid' })]);
    expect(JSON.stringify(gateway.logs)).not.toContain(name);
  });

  test('has the level of ACCESS_LOG_LEVEL, and no line if that is silent', async () => {
    const lines = await Promise.all(
      ['warn', 'silent'].map(async (ACCESS_LOG_LEVEL) => {
        const gateway = await createTestGateway(() => JOB, { ACCESS_LOG_LEVEL });
        await gateway.query(QUERY);
        return linesOf(gateway).map(({ level }) => level);
      }),
    );
    expect(lines).toEqual([[40], []]);
  });

  test('has the share of ACCESS_LOG_SHARE, and all that failed', async () => {
    const chances = [0.3, 0.2, 0.24, 0.25];
    const gateway = await createTestGateway(() => JOB, { ACCESS_LOG_SHARE: '0.25' }, createFakeClock(), {
      random: () => chances.shift() ?? 1,
    });
    for (const name of ['A', 'B', 'C', 'D', 'E']) await gateway.query(`query ${name} { __typename }`);
    await gateway.query('query F { job(qrn: "x") { qrn } }');
    expect(linesOf(gateway).map(({ operation }) => operation)).toEqual(['B', 'C', 'F']);
  });
});

describe('over a socket, the access log', () => {
  /** Listens for the time of the test. `ended` resolves once so many requests are over. */
  async function listen(environment: Record<string, string> = {}, reply: UpstreamReply | 'hang' = JOB) {
    const { tell, until } = createWaiters();
    const gateway = await createTestGateway(() => reply, environment, createFakeClock(), {
      observers: [{ requestEnded: tell }],
    });
    const server = createServer(gateway.yoga).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const ended = async (count: number) => {
      await until(() => linesOf(gateway).length >= count);
      return linesOf(gateway);
    };
    return { gateway, server, port, url: `http://127.0.0.1:${port}/graphql`, ended };
  }

  const ask = (url: string, headers: Record<string, string> = {}, signal: AbortSignal | null = null) =>
    fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': 'alice-key', ...headers },
      body: JSON.stringify({ query: QUERY }),
      signal,
    });

  test('shows the address of the client, as a trusted proxy says it', async () => {
    const { url, ended } = await listen({ TRUSTED_PROXIES: '127.0.0.1' });
    await ask(url);
    await ask(url, { 'x-forwarded-for': '192.0.2.7' });
    expect((await ended(2)).map(({ address }) => address)).toEqual(['127.0.0.1', '192.0.2.7']);
  });

  test.each<[outcome: string, end: (client: AbortController, server: Server) => void]>([
    ['abandoned', (client) => client.abort()],
    ['cut', (_, server) => server.closeAllConnections()],
  ])('says %s of an operation that was not answered, and has its request id', async (outcome, end) => {
    const { gateway, server, url, ended } = await listen({}, 'hang');
    const client = new AbortController();
    const answer = ask(url, { 'x-request-id': 'mine' }, client.signal);
    await gateway.upstream.received(1);

    end(client, server);

    await expect(answer).rejects.toBeDefined();
    expect(await ended(1)).toEqual([expect.objectContaining({ operation: 'One', outcome, status: null })]);
    expect(gateway.logs.find(({ msg }) => msg === 'operation')).toMatchObject({ requestId: 'mine' });
  });

  test('says abandoned of an answer that was not read to its end', async () => {
    const { port, ended } = await listen(
      {},
      { body: { success: true, data: aJob('a:1', { metadata: { text: 'x'.repeat(8_000_000) } }) } },
    );
    const body = JSON.stringify({ query: '{ job(qrn: "a:1") { metadata } }' });
    const socket = connect(port, '127.0.0.1');
    socket.write(
      `POST /graphql HTTP/1.1\r\nhost: a\r\nx-api-key: alice-key\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    await once(socket, 'data');

    socket.destroy();

    expect(await ended(1)).toEqual([expect.objectContaining({ outcome: 'abandoned', status: null })]);
  });

  test('says abandoned of a stream whose client left, with its events', async () => {
    const { url, ended } = await listen();
    const stream = await openStreamAt(url, WATCH);
    await stream.next();

    stream.cut();

    expect(await ended(1)).toEqual([
      expect.objectContaining({ type: 'subscription', outcome: 'abandoned', status: null, events: 1 }),
    ]);
  });
});
