import { EventEmitter, once } from 'node:events';
import type { IncomingMessage, Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parseConfig } from '../../src/config/parse-config.ts';
import { Arrivals } from '../../src/server/http/arrivals.ts';
import { createHttpServer, type HttpServerOptions } from '../../src/server/http/create-http-server.ts';
import { createTestGateway } from '../support/create-test-gateway.ts';
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts';
import { startTestGateway } from '../support/start-test-gateway.ts';

const ERROR = (code: string) => ({ errors: [{ message: expect.any(String), extensions: { code } }] });
const HEALTH = 'GET /health HTTP/1.1\r\nHost: a\r\n';
const OPERATION = '/graphql?query={__typename}';

describe('a request', () => {
  test.each<[what: string, head: string, status: number, code: string]>([
    ['without a Host', `GET ${OPERATION} HTTP/1.1`, 400, 'BAD_REQUEST'],
    ['with two Hosts', 'GET /health HTTP/1.1\r\nHost: a\r\nHost: b', 400, 'BAD_REQUEST'],
    ['for Host: [', `GET ${OPERATION} HTTP/1.1\r\nHost: [`, 400, 'BAD_REQUEST'],
    ['for a Host with another port', 'GET /health HTTP/1.1\r\nHost: a:99999', 400, 'BAD_REQUEST'],
    ['for a Host with a path', `GET /nothing HTTP/1.1\r\nHost: a${OPERATION}&x=/graphql`, 400, 'BAD_REQUEST'],
    ['for a Host with credentials', 'GET /health HTTP/1.1\r\nHost: qbr_secret@a', 400, 'BAD_REQUEST'],
    ['for a whole URL', `GET http://qbr_secret${OPERATION} HTTP/1.1\r\nHost: a`, 400, 'BAD_REQUEST'],
    ['for *', 'OPTIONS * HTTP/1.1\r\nHost: a', 400, 'BAD_REQUEST'],
    ['for //evil/graphql', 'GET //evil/graphql HTTP/1.1\r\nHost: a', 404, 'NOT_FOUND'],
    ['for /%zz', 'GET /%zz?%=%&%zz HTTP/1.1\r\nHost: a', 404, 'NOT_FOUND'],
    ['with TRACE', 'TRACE /graphql HTTP/1.1\r\nHost: a', 405, 'BAD_REQUEST'],
    ['that is no HTTP', '\x16\x03\x01qbr_secret', 400, 'BAD_REQUEST'],
    ['with a negative length', 'POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Length: -1', 400, 'BAD_REQUEST'],
    [
      'with large headers',
      `GET /health HTTP/1.1\r\nHost: a\r\nX: ${'a'.repeat(16_384)}`,
      431,
      'HEADERS_TOO_LARGE',
    ],
  ])('%s is refused, and its text is not repeated', async (_, head, status, code) => {
    const { send, logs } = await startServer();

    const answer = await send(`${head}\r\n\r\n`);

    expect({ status: answer.status, body: answer.body }).toEqual({ status, body: ERROR(code) });
    expect(answer.text.toLowerCase()).toContain('x-content-type-options: nosniff');
    expect(answer.text + JSON.stringify(logs)).not.toMatch(/secret|node:internal|\.ts:/);
  });

  test.each([
    ['of HTTP/1.0 without a Host', `GET ${OPERATION} HTTP/1.0`],
    ['for an IPv6 address', `GET ${OPERATION} HTTP/1.1\r\nHost: [::1]:80\r\nConnection: close`],
    ['with another Expect', `GET ${OPERATION} HTTP/1.1\r\nHost: a\r\nExpect: all\r\nConnection: close`],
    ['for a name', `GET ${OPERATION} HTTP/1.1\r\nHost: gateway_1.example.com\r\nConnection: close`],
  ])('%s is answered', async (_, head) => {
    const { send } = await startServer();
    const { status, body } = await send(`${head}\r\n\r\n`);
    expect({ status, body }).toEqual({ status: 200, body: { data: { __typename: 'Query' } } });
  });

  test('on which Yoga throws is answered without the reason, which is logged', async () => {
    const answer = () => Promise.reject(new Error('a secret reason'));
    const { send, logs, refusals } = await startServer({ answer });

    const { status, body, text } = await send('GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');

    expect({ status, body }).toEqual({ status: 500, body: ERROR('INTERNAL_SERVER_ERROR') });
    expect(text).not.toMatch(/secret|\.ts:/);
    expect(logs).toEqual([['error', { err: new Error('a secret reason') }, 'request failed']]);
    expect(refusals).toEqual(['INTERNAL_SERVER_ERROR']);
  });

  test('gives others a turn before the next of its connection', async () => {
    let hasPassed = false;
    const seen: boolean[] = [];
    const answer = async () => {
      seen.push(hasPassed);
      setImmediate(() => {
        hasPassed = true;
      });
      return new Response();
    };
    const { send } = await startServer({ answer });

    await send(`${HEALTH}\r\n${HEALTH}Connection: close\r\n\r\n`);

    expect(seen).toEqual([false, true]);
  });

  test('waits until what came before it on its connection is answered', async () => {
    const yoga = new EventEmitter();
    const nextAsked = async (): Promise<(answer: Response) => void> => (await once(yoga, 'asked'))[0];
    const { open } = await startServer({
      answer: () => new Promise((resolve) => yoga.emit('asked', resolve)),
    });
    const firstAsked = nextAsked();
    const { closed } = await open(`${HEALTH}\r\n${HEALTH}Connection: close\r\n\r\n`);

    const answerFirst = await firstAsked;
    const secondAsked = nextAsked();
    answerFirst(new Response('first'));
    const answerSecond = await secondAsked;
    answerSecond(new Response('second'));

    expect((await closed).text).toMatch(/first.*second/s);
  });

  test.each<[type: string, timeoutMs: number]>([
    ['text/plain', 60_000],
    // It has a time of its own.
    ['text/event-stream', 0],
  ])('whose answer, of type %s, is not read may stay open for %s ms', async (type, timeoutMs) => {
    const sockets: Socket[] = [];
    const { open } = await startServer({
      async answer({ socket }) {
        sockets.push(socket);
        return new Response('x'.repeat(20_000_000), { headers: { 'content-type': type } });
      },
    });

    const { answered } = await open(`${HEALTH}\r\n`);
    await answered;

    expect(sockets.map(({ timeout }) => timeout)).toEqual([timeoutMs]);
  });

  test('whose head or body takes too long is refused, and its connection closed', async () => {
    const { send, refusals } = await startServer({
      environment: { REQUEST_HEADERS_TIMEOUT_MS: '100', REQUEST_TIMEOUT_MS: '100' },
    });
    // Both at once, because the server looks for such connections only now and then.
    const answers = await Promise.all([
      send('GET /health HTTP/1.1\r\nHost: a\r\n'),
      send(
        'POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{',
      ),
    ]);
    expect(answers.map(({ status, body }) => ({ status, body }))).toEqual(
      Array(2).fill({ status: 408, body: ERROR('REQUEST_TIMEOUT') }),
    );
    expect(refusals).toEqual(Array(2).fill('REQUEST_TIMEOUT'));
  });
});

test('what is refused before it is a request is counted, too', async (context) => {
  const { url, metricsUrl } = await startTestGateway(context, () => 'hang', { METRICS_PORT: '0' });
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.write(`GET /graphql HTTP/1.1\r\nHost: a\r\nX: ${'a'.repeat(16_384)}\r\n\r\n`);
  await once(socket, 'data');
  const metrics = await fetch(metricsUrl ?? '');
  expect(await metrics.text()).toContain('qbraid_gateway_errors_total{code="HEADERS_TOO_LARGE"} 1');
});

describe('a body that is too large', () => {
  const HEAD = 'POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n';

  test.each([
    ['is told', 'Content-Length: 300000\r\n\r\n'],
    ['arrives in parts', `Transfer-Encoding: chunked\r\n\r\n493e0\r\n${'['.repeat(300_000)}\r\n`],
  ])('is refused as soon as it %s, and its connection closed a second later', async (_, rest) => {
    const { open, clock } = await startServer();
    const { socket, answered, closed } = await open(HEAD + rest);
    await answered;

    // What a client goes on to send is dropped: only then does it look for its answer.
    await new Promise<void>((resolve) => socket.write('x', () => resolve()));
    clock.advance(1000);

    expect((await closed).status).toBe(413);
  });
});

test('a request that is refused before its body is read, but whose body arrived, leaves its connection open', async () => {
  const REQUEST = 'POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}';
  const { open, clock } = await startServer({ answer: async () => new Response(null, { status: 503 }) });
  const { socket, answered, closed } = await open(REQUEST);
  await answered;

  clock.advance(1000);
  const again = once(socket, 'data');
  socket.write(REQUEST);

  expect(await Promise.race([again.then(() => 'answered'), closed.then(() => 'closed')])).toBe('answered');
});

interface SocketAnswer {
  readonly text: string;
  readonly status: number;
  readonly body: unknown;
}

interface ServerOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** What Yoga does, in its place. */
  readonly answer?: (request: IncomingMessage) => Promise<Response>;
}

/** The gateway on a socket, with a clock of the test's own. It ends with the test. */
async function startServer({ environment = {}, answer }: ServerOptions = {}) {
  const clock: FakeClock = createFakeClock();
  const logs: unknown[] = [];
  const refusals: string[] = [];
  const log = (level: string) => (facts: unknown, message: string) => void logs.push([level, facts, message]);
  const logger = { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') };
  const { yoga, refuse } = await createTestGateway(() => 'hang');
  const { http } = parseConfig(environment);
  const failing = { handleNodeRequestAndResponse: answer } as unknown as HttpServerOptions['gateway']['yoga'];
  const server = createHttpServer({
    gateway: {
      yoga: answer === undefined ? yoga : failing,
      refuse,
      lane: () => false,
      senderOf: () => ({ address: '', keys: '' }),
      refused: (code) => void refusals.push(code),
    },
    http,
    arrivals: new Arrivals({ clock, maxWaitMs: 500 }),
    logger,
    clock,
  });
  const port = await listen(server);

  async function open(bytes: string) {
    const socket = connect(port, '127.0.0.1').setEncoding('latin1');
    onTestFinished(() => void socket.destroy());
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk;
    });
    // A connection that the server closes while the client sends is reset.
    socket.on('error', () => {});
    const answered = once(socket, 'data');
    const closed = new Promise<SocketAnswer>((resolve) => socket.on('close', () => resolve(parse(text))));
    socket.write(bytes, 'latin1');
    return { socket, answered, closed };
  }

  async function send(bytes: string): Promise<SocketAnswer> {
    const { socket, answered, closed } = await open(bytes);
    await answered;
    socket.end();
    return closed;
  }
  return { open, send, clock, logs, refusals };
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** Reads an answer, whose body may be in one chunk. */
function parse(text: string): SocketAnswer {
  const json = /\{.*\}/s.exec(text)?.[0] ?? 'null';
  return { text, status: Number(text.split(' ')[1]), body: JSON.parse(json) };
}
