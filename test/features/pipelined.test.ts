import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { aJob, someJobs } from '../support/job-builder.ts';
import { jobService } from '../support/job-service.ts';
import { openLanes, WAYS } from '../support/open-lanes.ts';
import { aRequest, type RequestParts, toUtf8 } from '../support/wire-request.ts';

const get = (target: string): RequestParts => ({
  line: `GET ${target} HTTP/1.1`,
  contentType: null,
  length: null,
});
const KINDS: Readonly<Record<string, RequestParts>> = {
  'a POST': { body: toUtf8(JSON.stringify({ query: '{ jobs { nodes { qrn } } }' })) },
  'a GET': get('/graphql?query=%7Bjobs%7BtotalCount%7D%7D'),
  'a GET without a query': get('/graphql'),
  'a probe': get('/health'),
};
const PAIRS = Object.keys(KINDS).flatMap((first) =>
  Object.keys(KINDS).map((second) => [second, first] as const),
);

test.each(PAIRS)(
  '%s behind %s, sent before that is answered, is answered after it',
  async (second, first) => {
    const lanes = await openLanes(jobService({ 'alice-key': someJobs(3) }));
    onTestFinished(() => lanes.close());
    const sent = [first, second, first].map((kind, index) =>
      aRequest({ ...KINDS[kind], hasNext: index < 2 }),
    );
    // The first time, nothing is known of the documents. Then there are plans, and then answers.
    for (let time = 0; time < 3; time += 1) {
      const { yoga, uncached, cached } = await lanes.send([sent.join('')]);
      expect(yoga.answers).toHaveLength(3);
      expect([uncached.answers, cached.answers]).toEqual([yoga.answers, yoga.answers]);
    }
  },
);

const STREAM: RequestParts = {
  body: toUtf8(JSON.stringify({ query: 'subscription { jobUpdated(qrns: ["a:1"]) { qrn } }' })),
  headers: ['Accept: text/event-stream'],
};
const CLOSED = { yoga: true, uncached: true, cached: true };

describe('behind an event stream', () => {
  async function openBehindStream(text: string) {
    const lanes = await openLanes(jobService({ 'alice-key': [aJob('a:1')] }));
    onTestFinished(() => lanes.close());
    const client = lanes.open(aRequest({ ...STREAM, hasNext: true }));
    onTestFinished(() => client.leave());
    const hasShown = (way: (typeof WAYS)[number]) => client.soFar()[way][0]?.body.includes('a:1');
    await vi.waitFor(() => expect(WAYS.map(hasShown)).toEqual([true, true, true]));
    client.send(text);
    return { client, lanes };
  }
  const waiting = (count: number) => aRequest({ ...get('/health'), hasNext: true }).repeat(count);

  test('256 requests wait, and one more closes the connection', async () => {
    const { client } = await openBehindStream(waiting(256));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(client.isClosed()).toEqual({ yoga: false, uncached: false, cached: false });
    client.send(waiting(1));
    await vi.waitFor(() => expect(client.isClosed()).toEqual(CLOSED));
  });

  test('what is no request closes the connection, without a word in the stream', async () => {
    for (const text of ['no request\r\n\r\n', `${waiting(1)}no request\r\n\r\n`]) {
      const { client } = await openBehindStream(text);
      await vi.waitFor(() => expect(client.isClosed()).toEqual(CLOSED));
      for (const way of WAYS) expect(JSON.stringify(client.soFar()[way])).not.toContain('BAD_REQUEST');
    }
  });
});

test('hundreds of requests behind one that is about to be answered are all answered', async () => {
  const lanes = await openLanes(jobService({ 'alice-key': someJobs(3) }));
  onTestFinished(() => lanes.close());
  const sent = [...Array(250).fill('a POST'), 'a probe'].map((kind, index) =>
    aRequest({ ...KINDS[kind], hasNext: index < 250 }),
  );
  const { yoga, uncached, cached } = await lanes.send([sent.join('')]);
  const lengths = [yoga, uncached, cached].map(({ answers }) => answers.length);
  expect(lengths).toEqual([251, 251, 251]);
});

describe('what is no request', () => {
  const bad = 'no request\r\n\r\n';
  const mutation: RequestParts = {
    body: toUtf8(
      JSON.stringify({ query: 'mutation { cancelJob(input: { qrn: "a:1" }) { clientMutationId } }' }),
    ),
  };

  test('behind a mutation that is under way closes the connection, and is not taken for its answer', async () => {
    const lanes = await openLanes(() => 'hang', { ENABLE_MUTATIONS: 'true' });
    onTestFinished(() => lanes.close());
    const client = lanes.open(aRequest({ ...mutation, hasNext: true }));
    await vi.waitFor(() => expect(WAYS.map(lanes.operationsOf)).toEqual([1, 1, 1]));
    client.send(bad);
    await vi.waitFor(() => expect(client.isClosed()).toEqual(CLOSED));
    expect(client.soFar()).toEqual({ yoga: [], uncached: [], cached: [] });
  });

  test.each([
    ['behind an answer', [aRequest({ ...KINDS['a probe'], hasNext: true }), bad], 2],
    [
      'within a body',
      [aRequest({ ...mutation, length: 'Transfer-Encoding: chunked', body: 'no length\r\n' })],
      1,
    ],
  ])('%s is refused', async (_, parts, count) => {
    const lanes = await openLanes(jobService({ 'alice-key': someJobs(3) }));
    onTestFinished(() => lanes.close());
    const client = lanes.open(parts[0] ?? '');
    if (parts.length > 1) {
      await vi.waitFor(() => expect(WAYS.map((way) => client.soFar()[way].length)).toEqual([1, 1, 1]));
    }
    for (const part of parts.slice(1)) client.send(part);
    await vi.waitFor(() => expect(client.isClosed()).toEqual(CLOSED));
    for (const way of WAYS) {
      const answers = client.soFar()[way];
      expect([answers.length, answers.at(-1)?.status]).toEqual([count, 'HTTP/1.1 400 Bad Request']);
    }
  });
});
