import { setImmediate } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ApiKey } from '../../src/auth/api-key.ts';
import { parseConfig } from '../../src/config/parse-config.ts';
import { createQbraidClient } from '../../src/upstream/qbraid-client.ts';
import { UpstreamError } from '../../src/upstream/upstream-error.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { aJob } from '../support/job-builder.ts';
import { type SocketRequest, startSocketUpstream } from '../support/socket-upstream.ts';

const TIMEOUT_MS = 30_000;

const qrnOf = ({ path }: SocketRequest) => path.slice('/jobs/'.length);

/** The answer to a request: the job that it asks for, called after the key that it came with. */
const ownAnswer = (request: SocketRequest) => ({
  success: true,
  data: aJob(qrnOf(request), { name: request.key }),
});

/** Answers at once. */
const answer = (request: SocketRequest) => request.respond(ownAnswer(request));

/** Never answers. */
const hang = () => {};

/** A client with few connections, over an upstream that shows them. Both end with the test. */
async function openClient(
  onRequest: (request: SocketRequest) => void,
  { connections = 4, connectionsPerKey = 2 } = {},
) {
  const upstream = await startSocketUpstream(onRequest);
  const clock = createFakeClock();
  const client = createQbraidClient({
    ...parseConfig({}).upstream,
    url: upstream.url,
    timeoutMs: TIMEOUT_MS,
    queueTimeoutMs: TIMEOUT_MS,
    connections,
    connectionsPerKey,
    clock,
    logger: { debug() {}, info() {}, warn() {}, error() {} },
  });
  onTestFinished(async () => {
    await upstream.close();
    await client.close();
  });
  /** The name of a job as this key sees it, or why it cannot be told. */
  const read = (key: string, qrn = 'a:1', signal?: AbortSignal): Promise<string | null> =>
    client.getJob(new ApiKey(key), qrn, { signal }).then(
      ({ name }) => name,
      (error: Error) => error.message,
    );
  const received = (count: number) => upstream.until(() => upstream.requests.length >= count);
  const keysAsked = () => upstream.requests.map(({ key }) => key);
  return { upstream, clock, client, read, received, keysAsked };
}

describe('a connection', () => {
  test('is used again by the key that it was opened for, and by no other', async () => {
    const { upstream, read } = await openClient(answer, { connections: 2, connectionsPerKey: 1 });
    for (const key of ['alice', 'bob', 'alice', 'bob', 'alice']) await read(key);
    expect(upstream.requests.map(({ connection, key }) => [connection, key])).toEqual([
      [1, 'alice'],
      [2, 'bob'],
      [1, 'alice'],
      [2, 'bob'],
      [1, 'alice'],
    ]);
  });

  test('never gives the answer to one key to another, even if all answers come late by one', async () => {
    const late = new Map<number, unknown>();
    const { read } = await openClient(
      (request) => {
        request.respond(late.get(request.connection) ?? ownAnswer(request));
        late.set(request.connection, ownAnswer(request));
      },
      { connections: 1, connectionsPerKey: 1 },
    );
    const names = [];
    for (const key of ['alice', 'bob', 'alice', 'bob']) names.push(await read(key));
    expect(names).toEqual(['alice', 'bob', 'alice', 'bob']);
  });

  test('is not used again once an answer came on it that nobody asked for', async () => {
    const { upstream, read } = await openClient((request) => {
      answer(request);
      if (upstream.requests.length === 1)
        request.respond({ success: true, data: aJob('a:1', { name: 'extra' }) });
    });
    expect([await read('alice'), await read('alice')]).toEqual(['alice', 'alice']);
    expect(upstream.requests.map(({ connection }) => connection)).toEqual([1, 2]);
  });

  test('is closed when an answer comes that nobody asked for', async () => {
    const { upstream, read } = await openClient(answer);
    await read('alice');
    upstream.requests.forEach(answer);
    await upstream.until(() => upstream.openCount() === 0);
    expect([await read('alice'), upstream.requests.length]).toEqual(['alice', 2]);
  });

  test('is replaced once it was closed', async () => {
    const { upstream, read } = await openClient(answer);
    await read('alice');
    upstream.requests[0]?.hangUp();
    await upstream.until(() => upstream.openCount() === 0);
    await setImmediate();
    expect([await read('alice'), upstream.requests.map(({ connection }) => connection)]).toEqual([
      'alice',
      [1, 2],
    ]);
  });

  test('is not used again after a request that was given up', async () => {
    const { upstream, read, received } = await openClient((request) => {
      if (request.connection > 1) answer(request);
    });
    const abort = new AbortController();
    const left = read('alice', 'a:1', abort.signal);
    await received(1);
    abort.abort(new Error('gone'));
    expect([await left, await read('alice')]).toEqual(['gone', 'alice']);
    expect(upstream.requests.map(({ connection }) => connection)).toEqual([1, 2]);
  });

  test('that waits for requests does not keep the process alive', async () => {
    const countSockets = () =>
      process.getActiveResourcesInfo().filter((resource) => resource === 'TCPSocketWrap').length;
    const before = countSockets();
    const { upstream, read } = await openClient(answer);
    await read('alice');
    await setImmediate();
    expect(upstream.openCount()).toBe(1);
    expect(countSockets()).toBeLessThanOrEqual(before);
  });
});

describe('the connections', () => {
  test('of a key whose answers hang leave the others theirs', async () => {
    const { read, received, keysAsked } = await openClient((request) => {
      if (request.key !== 'alice') answer(request);
    });
    for (const qrn of ['a:1', 'a:2', 'a:3', 'a:4', 'a:5']) void read('alice', qrn);
    await received(2);
    expect([await read('bob'), await read('carol')]).toEqual(['bob', 'carol']);
    expect(keysAsked()).toEqual(['alice', 'alice', 'bob', 'carol']);
  });

  test('are given to the key with the fewest requests under way, when all are taken', async () => {
    const { upstream, read, received, keysAsked } = await openClient(hang, {
      connections: 2,
      connectionsPerKey: 2,
    });
    for (const key of ['alice', 'alice', 'alice', 'bob']) void read(key);
    await received(2);
    upstream.requests[0]?.respond({});
    await received(3);
    expect(keysAsked()).toEqual(['alice', 'alice', 'bob']);
  });

  test('that wait longest for requests make room for those of other keys', async () => {
    const { upstream, read } = await openClient(answer, { connections: 3, connectionsPerKey: 2 });
    await read('alice');
    await Promise.all([read('bob'), read('bob', 'a:2')]);
    await read('carol');
    await upstream.until(() => upstream.openCount() === 3);
    await Promise.all([read('bob'), read('bob', 'a:2')]);
    await read('alice');
    expect(upstream.requests.slice(3).map(({ key, connection }) => `${key} ${connection}`)).toEqual([
      'carol 4',
      expect.stringMatching(/^bob [23]$/),
      expect.stringMatching(/^bob [23]$/),
      'alice 5',
    ]);
    await upstream.until(() => upstream.openCount() === 3);
  });

  test('of a key are never more than it may have', async () => {
    const { upstream, read } = await openClient(answer, { connections: 4, connectionsPerKey: 2 });
    await Promise.all(['a:1', 'a:2', 'a:3', 'a:4', 'a:5'].map((qrn) => read('alice', qrn)));
    expect(new Set(upstream.requests.map(({ connection }) => connection))).toEqual(new Set([1, 2]));
  });
});

describe('a request that waits for a connection', () => {
  const one = { connections: 1, connectionsPerKey: 1 };

  test('has the whole time for its answer all the same', async () => {
    const { upstream, clock, read, received } = await openClient(hang, one);
    const [first, second] = [read('alice'), read('bob')];
    await received(1);
    clock.advance(TIMEOUT_MS - 1);
    upstream.requests.forEach(answer);
    await received(2);
    clock.advance(TIMEOUT_MS - 1);
    upstream.requests.slice(1).forEach(answer);
    expect([await first, await second]).toEqual(['alice', 'bob']);
  });

  test('fails once it has waited for as long as an answer may take', async () => {
    const { upstream, clock, read, received, keysAsked } = await openClient(hang, one);
    const reads = ['alice', 'bob', 'carol'].map((key) => read(key));
    await received(1);
    clock.advance(TIMEOUT_MS - 1);
    upstream.requests.forEach(answer);
    await received(2);
    clock.advance(1);
    upstream.requests.slice(1).forEach(answer);
    expect(await Promise.all(reads)).toEqual([
      'alice',
      'bob',
      'No connection to the qBraid API became free within 30000 ms: send fewer requests at once, or try again.',
    ]);
    expect(keysAsked()).toEqual(['alice', 'bob']);
  });

  test('is not sent once nobody waits for it', async () => {
    const { upstream, read, received, keysAsked } = await openClient(hang, one);
    void read('alice');
    await received(1);
    const abort = new AbortController();
    const second = read('bob', 'a:1', abort.signal);
    void read('carol');
    abort.abort(new Error('gone'));
    upstream.requests.forEach(answer);
    await received(2);
    expect([await second, keysAsked()]).toEqual(['gone', ['alice', 'carol']]);
  });

  test('is still answered when the client closes', async () => {
    const { upstream, client, read, received } = await openClient(hang, one);
    const reads = [read('alice'), read('bob')];
    await received(1);
    const closed = client.close();
    upstream.requests.forEach(answer);
    await received(2);
    upstream.requests.slice(1).forEach(answer);
    await closed;
    expect(await Promise.all(reads)).toEqual(['alice', 'bob']);
    await upstream.until(() => upstream.openCount() === 0);
  });
});

test('a closed client asks nothing', async () => {
  const { client, read, keysAsked } = await openClient(answer);
  await client.close();
  expect([await read('alice'), keysAsked()]).toEqual(['The gateway is shutting down.', []]);
});

describe('a failure, which is remembered for a while,', () => {
  // What stands in a stack is kept in memory with it: the connection, and the timer.
  test.each<[string, (request: SocketRequest, clock: { advance(ms: number): void }) => void]>([
    ['of a connection that is lost', (request) => request.hangUp()],
    ['of a request that takes too long', (_, clock) => clock.advance(TIMEOUT_MS)],
  ])('%s keeps nothing of it', async (_, fail) => {
    const { upstream, client, clock, received } = await openClient(hang);
    const read = client.getJob(new ApiKey('alice'), 'a:1').catch((error: Error) => error);
    await received(1);
    for (const request of upstream.requests) fail(request, clock);
    const failure = await read;
    expect(failure).toBeInstanceOf(UpstreamError);
    expect((failure as Error).stack).not.toMatch(
      /node:(?!internal\/process)|Handler|schedule|advance|undici/i,
    );
  });
});
