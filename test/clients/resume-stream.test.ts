import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { JobsError } from '../../clients/src/core/jobs-error.ts';
import { resumeStream } from '../../clients/src/streams/resume-stream.ts';
import type { StreamResult } from '../../clients/src/streams/stream-progress.ts';

const LIST = 'subscription { jobsChanged { totalCount } }';
const JOBS = 'subscription { jobUpdated(qrns: ["a", "b"]) { qrn status } }';

const list = (totalCount: number) => ({ data: { jobsChanged: { totalCount } } });
const job = (qrn: string, status: string) => ({ data: { jobUpdated: { qrn, status } } });
const refusal = (code: string, more = {}) => ({
  data: null,
  errors: [{ message: code, extensions: { code, ...more } }],
});
const lost = () => new TypeError('fetch failed');

/** What one connection gives before it completes, or breaks with the error at its end. */
type Connection = readonly (StreamResult | Error)[];

describe('a stream', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('of a list goes on after lost connections and ends of the gateway', async () => {
    expect(await read(LIST, [[list(1), lost()], [lost()], [list(2)], [list(3)]], 3)).toMatchObject({
      results: [list(1), list(2), list(3)],
    });
  });

  test('of jobs ends when all of them have ended', async () => {
    const connections = [[job('a', 'RUNNING'), job('b', 'COMPLETED'), job('a', 'FAILED')]];
    expect(await read(JOBS, connections)).toMatchObject({ results: connections[0] });
  });

  test('of jobs goes on if the gateway ends it before', async () => {
    const connections = [
      [job('a', 'RUNNING'), job('b', 'COMPLETED')],
      [job('b', 'COMPLETED'), job('a', 'HOLD')],
    ];
    expect(await read(JOBS, connections)).toMatchObject({ results: connections.flat() });
  });

  test('of jobs ends with the gateway where nothing tells whether they have ended', async () => {
    const connections = [[{ data: { jobUpdated: { qrn: 'a' } } }]];
    expect(await read('subscription { jobUpdated(qrns: "a") { qrn } }', connections)).toMatchObject({
      results: connections[0],
    });
  });

  test.each([
    ['have ended', { data: { jobUpdated: { id: 'a', status: 'FAILED' } } }],
    ['were refused', refusal('NOT_FOUND', { qrn: 'a' })],
  ])(
    'of jobs ends when all of them %s, also where the operation is known only by its id',
    async (_, last) => {
      expect(await read('', [[last]])).toMatchObject({ results: [last] });
    },
  );

  test('ends with a refusal that is final', async () => {
    expect(await read(LIST, [[list(1), refusal('UNAUTHENTICATED')]])).toMatchObject({
      results: [list(1), refusal('UNAUTHENTICATED')],
    });
  });

  test('goes on where one of several keys was refused', async () => {
    const connections = [[refusal('UNAUTHENTICATED', { key: 'bob' }), list(1)], [list(2)]];
    expect(await read(LIST, connections, 3)).toMatchObject({ results: connections.flat() });
  });

  test('keeps a temporary refusal to itself, and waits as long as it asks for', async () => {
    const connections = [[refusal('OVERLOADED', { retryAfterMs: 60_000 })], [list(1)]];
    const { results, delays } = await read(LIST, connections, 1);
    expect(results).toEqual([list(1)]);
    expect(delays[0]).toBeGreaterThanOrEqual(60_000);
    expect(delays[0]).toBeLessThanOrEqual(66_000);
  });

  test('waits longer with each failure, up to half a minute, and anew once something came', async () => {
    const fails = Array.from({ length: 8 }, () => [lost()]);
    const { delays } = await read(LIST, [...fails, [list(1), lost()], [list(2)]], 2);
    const longest = [1, 2, 4, 8, 16, 30, 30, 30, 1].map((seconds) => seconds * 1000);
    expect(delays.map((delay, index) => delay <= (longest[index] ?? 0))).toEqual(longest.map(() => true));
    expect(delays.map((delay, index) => delay >= (longest[index] ?? 0) / 2)).toEqual(longest.map(() => true));
  });

  test.each([408, 429, 502, 503])('tries again after the status %i', async (status) => {
    const { results } = await read(LIST, [[answered(status)], [list(1)]], 1);
    expect(results).toEqual([list(1)]);
  });

  test('throws another status where nothing tells why', async () => {
    await expect(read(LIST, [[answered(400)], [list(1)]])).rejects.toThrow('has the status 400');
  });

  test('ends with what the gateway says about another status', async () => {
    const { errors } = refusal('BAD_REQUEST');
    const answer = new JobsError(new Response(null, { status: 400 }), errors);
    expect(await read(LIST, [[answer]])).toMatchObject({ results: [refusal('BAD_REQUEST')] });
  });

  test('ends quietly when it is aborted while it waits', async () => {
    const left = new AbortController();
    const results = resumeStream(LIST, () => play([lost()]), {
      signal: left.signal,
      onRetry: () => queueMicrotask(() => left.abort()),
    });
    expect(await results.next()).toEqual({ done: true, value: undefined });
  });
});

function answered(status: number): JobsError {
  return new JobsError(new Response(null, { status }), []);
}

/** Reads a stream over these connections, to its end or until it gave so many results. */
async function read(query: string, connections: readonly Connection[], count = Number.POSITIVE_INFINITY) {
  const left = connections.values();
  const delays: number[] = [];
  const stream = resumeStream(query, () => play(left.next().value ?? []), {
    signal: new AbortController().signal,
    onRetry(_, delayMs) {
      delays.push(delayMs);
      void vi.advanceTimersToNextTimerAsync();
    },
  });
  const results: StreamResult[] = [];
  if (count === 0) return { results, delays };
  for await (const result of stream) {
    results.push(result);
    if (results.length === count) break;
  }
  return { results, delays };
}

async function* play(connection: Connection): AsyncGenerator<StreamResult> {
  for (const item of connection) {
    if (item instanceof Error) throw item;
    yield item;
  }
}
