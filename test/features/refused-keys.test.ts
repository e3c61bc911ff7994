import { describe, expect, test } from 'vitest';
import { type Answer, createTestGateway, type QueryOptions } from '../support/create-test-gateway.ts';
import { openStream } from '../support/event-stream.ts';
import { aJob } from '../support/job-builder.ts';
import { type JobLists, jobService, overriding, refusal } from '../support/job-service.ts';

const TEAM = { keys: 'alice=alice-key, bob=bob-key' };

/**
 * A gateway over these lists that has answered `before`. From then on, the qBraid API refuses Alice's key. `asked`
 * are the keys of the requests since then.
 */
async function openRefused(
  lists: JobLists,
  before: readonly string[],
  options?: QueryOptions,
  environment: Readonly<Record<string, string>> = {},
) {
  let isRefused = false;
  const gateway = await createTestGateway(
    overriding(jobService(lists), ({ key }) =>
      isRefused && key === 'alice-key' ? refusal(401, 'Authentication required') : undefined,
    ),
    environment,
  );
  for (const document of before) await gateway.query(document, options);
  isRefused = true;
  const askedBefore = gateway.upstream.requests.length;
  const asked = () => gateway.upstream.requests.slice(askedBefore).map(({ key }) => key);
  return { ...gateway, asked };
}

/** The errors of an answer in the order of their paths: each its path, its code and, with several keys, its key. */
const errorsOf = ({ errors = [] }: Answer) =>
  errors
    .map(({ path, extensions: { code, key } }) => [path?.join('.'), code, ...(key ? [key] : [])])
    .toSorted();

describe('an operation that hears that its key is refused', () => {
  const lists = { 'alice-key': [aJob('a:1'), aJob('a:2'), aJob('a:3', { batchJobQrn: 'a:9' })] };

  test.each([
    ['a job', 'cached: job(qrn: "a:1") { qrn }', { cached: null }, [['cached', 'UNAUTHENTICATED']]],
    ['a list', 'cached: jobs { nodes { qrn } }', { cached: null }, [['cached', 'UNAUTHENTICATED']]],
    ['a count', 'cached: jobs { totalCount }', { cached: null }, [['cached', 'UNAUTHENTICATED']]],
    [
      'the source of a list',
      'cached: jobs { sources { totalCount } }',
      { cached: null },
      [['cached', 'UNAUTHENTICATED']],
    ],
    [
      'nodes',
      'cached: nodes(ids: ["Sm9iOmE6MQ", "Sm9iOmE6Mg"]) { id }',
      { cached: [null, null] },
      [
        ['cached.0', 'UNAUTHENTICATED'],
        ['cached.1', 'UNAUTHENTICATED'],
      ],
    ],
  ])('shows nothing of what was cached for it: %s', async (_, field, data, errors) => {
    const { query, asked } = await openRefused(lists, [`{ ${field} }`]);

    const answer = await query(`{ ${field} refused: job(qrn: "a:9") { qrn } }`);

    expect([answer.data, errorsOf(answer), asked()]).toEqual([
      { ...data, refused: null },
      [...errors, ['refused', 'UNAUTHENTICATED']],
      ['alice-key'],
    ]);
  });

  test('below a cached job shows nothing of that job', async () => {
    const { query, asked } = await openRefused(lists, ['{ job(qrn: "a:3") { qrn } }']);

    const answer = await query('{ job(qrn: "a:3") { qrn batchJob { qrn } } }');

    expect([answer.data, errorsOf(answer), asked()]).toEqual([
      { job: null },
      [['job', 'UNAUTHENTICATED']],
      ['alice-key'],
    ]);
  });

  test('does not call its answer stale for what it no longer shows', async () => {
    const spend = Array.from({ length: 12 }, (_, index) => `{ job(qrn: "x:${index}") { qrn } }`);
    const { query, clock } = await openRefused(lists, [...spend, '{ job(qrn: "a:1") { qrn } }'], undefined, {
      RATE_LIMIT_REQUESTS: '20',
    });
    clock.advance(2100);
    expect((await query('{ job(qrn: "a:1") { qrn } }')).extensions).toEqual({ stale: true });

    const answer = await query('{ job(qrn: "a:1") { qrn } refused: job(qrn: "a:9") { qrn } }');

    expect(answer).toMatchObject({ data: { job: null, refused: null } });
    expect(answer.extensions).toBeUndefined();
  });
});

describe('an operation with several keys, of which one is refused', () => {
  const lists = () => ({
    'alice-key': [aJob('a:1'), aJob('both:1')],
    'bob-key': [aJob('b:1'), aJob('both:1')],
  });

  test('shows the jobs of the other keys, and asks nothing again', async () => {
    const list = '{ jobs { nodes { qrn keys } totalCount sources { key totalCount error { code } } } }';
    const { query, asked } = await openRefused(lists(), [list], TEAM);

    const answer = await query(`{ ${list.slice(2, -2)} refused: job(qrn: "a:9") { qrn } }`, TEAM);

    expect(answer.data).toEqual({
      jobs: {
        nodes: [
          { qrn: 'b:1', keys: ['bob'] },
          { qrn: 'both:1', keys: ['bob'] },
        ],
        totalCount: 2,
        sources: [
          { key: 'alice', totalCount: null, error: { code: 'UNAUTHENTICATED' } },
          { key: 'bob', totalCount: 2, error: null },
        ],
      },
      refused: null,
    });
    expect(errorsOf(answer)).toEqual([['refused', 'UNAUTHENTICATED', 'alice']]);
    expect(asked().toSorted()).toEqual(['alice-key', 'bob-key']);
  });

  test('shows a job that both saw as the other sees it', async () => {
    const { query } = await openRefused(lists(), ['{ job(qrn: "both:1") { qrn } }'], {
      keys: 'alice=alice-key',
    });

    const { data } = await query(
      '{ job(qrn: "both:1") { qrn keys } refused: job(qrn: "a:9") { qrn } }',
      TEAM,
    );

    expect(data).toEqual({ job: { qrn: 'both:1', keys: ['bob'] }, refused: null });
  });

  test('reads nothing twice that it was to read anew', async () => {
    const { query, upstream } = await openRefused(lists(), []);

    await query('{ b: job(qrn: "b:1") { qrn } refused: job(qrn: "a:9") { qrn } }', {
      ...TEAM,
      headers: { 'cache-control': 'no-cache' },
    });

    const asked = upstream.requests.map(({ key, path }) => `${key} ${path}`);
    expect(asked.toSorted()).toEqual([...new Set(asked)].toSorted());
  });
});

describe('an event of a subscription', () => {
  const subscription =
    'subscription ($qrns: [String!]!) { jobUpdated(qrns: $qrns) { qrn keys batchJob { qrn } } }';

  test('that hears that its key is refused shows nothing of its job', async () => {
    const lists = { 'alice-key': [aJob('a:1', { batchJobQrn: 'a:9' })] };
    const gateway = await openRefused(lists, ['{ job(qrn: "a:1") { qrn } }']);
    const stream = await openStream(gateway, subscription, { variables: { qrns: ['a:1'] } });

    const event = await stream.next();

    expect([event?.data, errorsOf(event ?? {}), gateway.asked()]).toEqual([
      null,
      [['jobUpdated', 'UNAUTHENTICATED']],
      ['alice-key'],
    ]);
  });

  test('shows the job of another key', async () => {
    const lists = { 'alice-key': [], 'bob-key': [aJob('b:1', { batchJobQrn: 'b:9' }), aJob('b:9')] };
    const gateway = await openRefused(lists, ['{ job(qrn: "b:1") { qrn } }'], TEAM);
    const stream = await openStream(gateway, subscription, { ...TEAM, variables: { qrns: ['b:1'] } });

    expect(await stream.next()).toEqual({
      data: { jobUpdated: { qrn: 'b:1', keys: ['bob'], batchJob: { qrn: 'b:9' } } },
    });
  });

  test('shows nothing of a job that waited while its key was refused', async () => {
    const qrns = Array.from({ length: 10 }, (_, index) => `a:${index}`);
    // Two such events are more than is on the way to the client at once.
    const name = 'x'.repeat(400_000);
    const lists = { 'alice-key': qrns.map((qrn) => aJob(qrn, { name })) };
    const gateway = await openRefused(lists, ['{ jobs { nodes { qrn } } }']);
    const named = subscription.replace('qrn keys', 'qrn name keys');
    const stream = await openStream(gateway, named, { variables: { qrns } });
    const [first] = [await stream.next(), await gateway.query('{ job(qrn: "a:99") { qrn } }')];

    const waiting: Answer[] = [];
    while (waiting.length < 9) waiting.push((await stream.next()) ?? {});

    expect(first?.data.jobUpdated.qrn).toBe('a:0');
    // Those before may have left the gateway by then.
    expect(waiting.slice(2).map((event) => [event.data, errorsOf(event)])).toEqual(
      Array(7).fill([null, [['jobUpdated', 'UNAUTHENTICATED']]]),
    );
    expect(gateway.asked()).toEqual(['alice-key']);
  });

  test('of a list shows the jobs of the other keys', async () => {
    const lists = {
      'alice-key': [aJob('a:1', { batchJobQrn: 'a:9' })],
      'bob-key': [aJob('b:1')],
    };
    const gateway = await openRefused(lists, ['{ jobs { nodes { qrn } } }'], TEAM);
    const stream = await openStream(
      gateway,
      'subscription { jobsChanged { nodes { qrn batchJob { qrn } } sources { key totalCount } } }',
      TEAM,
    );

    const event = await stream.next();

    expect(event?.data).toEqual({
      jobsChanged: {
        nodes: [{ qrn: 'b:1', batchJob: null }],
        sources: [
          { key: 'alice', totalCount: null },
          { key: 'bob', totalCount: 1 },
        ],
      },
    });
    expect(errorsOf(event ?? {})).toEqual([['jobsChanged', 'UNAUTHENTICATED', 'alice']]);
  });
});
