import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createTestGateway, type TestGateway } from '../support/create-test-gateway.ts';
import { openStream, openStreamAt } from '../support/event-stream.ts';
import { aJob } from '../support/job-builder.ts';
import { jobService } from '../support/job-service.ts';
import { passTime } from '../support/pass-time.ts';
import { startTestGateway } from '../support/start-test-gateway.ts';

const LIST = 'subscription { jobsChanged { nodes { qrn } } }';
const LISTS = { 'alice-key': [aJob('a:1')], 'bob-key': [aJob('b:1', { status: 'COMPLETED', cost: 1 })] };
const RESULT = { data: { jobsChanged: { nodes: [{ qrn: 'a:1' }] } } };
const UNREAD_MS = 60_000;
const STEP_MS = 10_000;

const openGateway = (environment: Readonly<Record<string, string>>) =>
  createTestGateway(jobService(LISTS), environment);

/** Posts a subscription as a client does that accepts this. */
const post = async ({ yoga }: Pick<TestGateway, 'yoga'>, accept: string) =>
  yoga.fetch('http://gateway/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': 'alice-key', accept },
    body: JSON.stringify({ query: LIST }),
  });

describe('a subscription beyond', () => {
  test.each([
    ['MAX_STREAMS', 503, '5'],
    ['MAX_STREAMS_PER_KEY', 429, null],
  ])('%s is refused, with the status %i where the client accepts JSON', async (limit, status, retryAfter) => {
    const gateway = await openGateway({ [limit]: '2' });
    const streams = [await openStream(gateway, LIST), await openStream(gateway, LIST)];

    const refused = await openStream(gateway, LIST);
    const plain = await post(gateway, 'application/json, text/event-stream');

    const error = { message: expect.any(String), extensions: { code: 'TOO_MANY_STREAMS', limit, max: 2 } };
    expect(await refused.rest()).toEqual([{ errors: [error] }]);
    expect([plain.status, plain.headers.get('retry-after')]).toEqual([status, retryAfter]);
    expect(await plain.json()).toEqual({ errors: [error] });
    expect(await Promise.all(streams.map((stream) => stream.next()))).toEqual([RESULT, RESULT]);
  });

  test('the share of one key leaves the other keys theirs', async () => {
    const gateway = await openGateway({ MAX_STREAMS_PER_KEY: '1' });
    const next = (keys: string) => openStream(gateway, LIST, { keys }).then((stream) => stream.next());

    const answers = [
      await next('alice=alice-key'),
      await next('alice=alice-key, bob=bob-key'),
      await next('bob=bob-key'),
      await next('alice=bob-key'),
    ];

    const isRefused = answers.map((answer) => answer?.errors?.[0]?.extensions.code === 'TOO_MANY_STREAMS');
    expect(isRefused).toEqual([false, true, false, true]);
  });

  test('0 is each of them, but no query', async () => {
    const gateway = await openGateway({ MAX_STREAMS: '0' });

    const [event] = await (await openStream(gateway, LIST)).rest();
    const query = await gateway.query('{ job(qrn: "a:1") { qrn } }', {
      headers: { accept: 'application/json' },
    });

    expect([event?.errors?.[0]?.extensions.code, query]).toEqual([
      'TOO_MANY_STREAMS',
      { data: { job: { qrn: 'a:1' } } },
    ]);
  });
});

describe('the place of a subscription is free again once', () => {
  const JOB = 'subscription { jobUpdated(qrns: ["b:1"]) { qrn } }';

  test.each<[what: string, use: (gateway: TestGateway) => Promise<unknown>]>([
    ['it is complete', async (gateway) => (await openStream(gateway, JOB, { key: 'bob-key' })).rest()],
    ['it has failed', async (gateway) => (await openStream(gateway, LIST, { key: 'carol-key' })).rest()],
    [
      'it has failed to begin',
      (gateway) => openStream(gateway, 'subscription { jobUpdated(qrns: []) { qrn } }'),
    ],
    ['it has turned out to have no key', (gateway) => openStream(gateway, LIST, { key: '' })],
    ['its client has turned out to accept no event stream', (gateway) => post(gateway, 'application/json')],
    [
      'its client has left',
      async (gateway) => {
        const stream = await openStream(gateway, LIST);
        await stream.next();
        stream.cut();
      },
    ],
    ['its client has left unheard', async (gateway) => (await openStream(gateway, LIST)).cut()],
    [
      'its client has cancelled it',
      async (gateway) => (await post(gateway, 'text/event-stream')).body?.cancel(),
    ],
    [
      'nobody has read it for too long',
      async (gateway) => {
        await openStream(gateway, LIST);
        await passTime(gateway, UNREAD_MS);
      },
    ],
  ])('%s', async (_, use) => {
    const gateway = await openGateway({ MAX_STREAMS: '1', MAX_STREAMS_PER_KEY: '1' });

    await use(gateway);
    const [next, refused] = [await openStream(gateway, LIST), await openStream(gateway, LIST)];

    expect(await next.next()).toEqual(RESULT);
    expect((await refused.rest())[0]?.errors?.[0]?.extensions.code).toBe('TOO_MANY_STREAMS');
  });
});

describe('a stream that nobody reads for a minute', () => {
  test('breaks off, and nothing of it remains', async () => {
    const gateway = await openGateway({});
    const stream = await openStream(gateway, LIST);
    await stream.next();
    for (let passedMs = 0; passedMs < 2 * UNREAD_MS; passedMs += STEP_MS) await passTime(gateway, STEP_MS);

    const messages = gateway.logs.map(({ msg }) => msg).filter((msg) => String(msg).includes('event stream'));

    expect(gateway.clock.pending).toBe(0);
    expect(messages).toEqual(['event stream broken off: its client does not read']);
    await expect(stream.rest()).rejects.toThrow();
  });

  test('is no other one, however quiet the stream and slow the client', async () => {
    const gateway = await openGateway({ SSE_KEEPALIVE_MS: '40000' });
    const reader = (await post(gateway, 'text/event-stream')).body?.getReader();
    const texts: string[] = [];
    for (const [waitMs, quietMs] of [[0, 0], [UNREAD_MS - 1, 0], ...Array(3).fill([UNREAD_MS - 1, 40_000])]) {
      await passTime(gateway, waitMs);
      const read = reader?.read();
      await passTime(gateway, quietMs);
      texts.push(new TextDecoder().decode((await read)?.value));
    }

    const signOfLife = ':\n\n';
    const event = `event: next\ndata: ${JSON.stringify(RESULT)}\n\n`;
    expect(texts).toEqual([signOfLife, event, signOfLife, signOfLife, signOfLife]);
  });
});

describe('over a socket', () => {
  test.each<[what: string, method: 'GET' | 'POST', header: string]>([
    ['by POST', 'POST', 'x-unknown: 0'],
    ['by GET', 'GET', 'x-unknown: 0'],
    // These headers are left to Yoga.
    ['by POST through Yoga', 'POST', 'x-debug-upstream: 0'],
    ['by GET through Yoga', 'GET', 'x-debug-upstream: 0'],
  ])(
    'a stream %s whose client stops reading in the middle of an event is closed',
    async (_, method, header) => {
      const lists = { 'alice-key': [aJob('a:1', { metadata: { text: 'x'.repeat(400_000) } })] };
      const { url } = await startTestGateway({ onTestFinished }, jobService(lists), {
        STREAM_UNREAD_TIMEOUT_MS: '300',
        MAX_STREAMS: '1',
      });
      // More than the system takes by itself.
      const aliases = Array.from({ length: 20 }, (_, index) => `a${index}: metadata`);
      const query = `subscription { jobUpdated(qrns: ["a:1"]) { ${aliases.join(' ')} } }`;
      const socket = sendOverSocket(url, method, header, query);
      await once(socket, 'readable');

      const isRefused = async () => {
        const stream = await openStreamAt(url, LIST);
        const answer = await stream.next();
        return answer?.errors !== undefined && (await stream.rest());
      };
      while (await isRefused());
      const text = await textOf(socket);

      expect([text.includes('event: complete'), text.length < 20 * 400_000]).toEqual([false, true]);
    },
  );

  function sendOverSocket(url: string, method: 'GET' | 'POST', header: string, query: string): Socket {
    const { hostname, port } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port) });
    const isGet = method === 'GET';
    const body = isGet ? '' : JSON.stringify({ query });
    const head = [
      `${method} /graphql${isGet ? `?query=${encodeURIComponent(query)}` : ''} HTTP/1.1`,
      `host: ${hostname}`,
      'accept: text/event-stream',
      'x-api-key: alice-key',
      header,
      ...(isGet
        ? ['apollo-require-preflight: 1']
        : ['content-type: application/json', `content-length: ${body.length}`]),
    ];
    socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
    return socket;
  }

  /** What still comes over a socket until it is closed. */
  async function textOf(socket: Socket): Promise<string> {
    let text = '';
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      text += String(chunk);
    });
    await once(socket, 'close');
    return text;
  }
});
