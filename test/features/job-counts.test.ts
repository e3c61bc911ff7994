import { describe, expect, test } from 'vitest';
import { createTestGateway } from '../support/create-test-gateway.ts';
import { openStream } from '../support/event-stream.ts';
import { someJobs } from '../support/job-builder.ts';
import { jobService, refusal } from '../support/job-service.ts';
import { passTime, passTimeCallByCall } from '../support/pass-time.ts';
import type { UpstreamScript } from '../support/scripted-upstream.ts';

const team = 'alice=alice-key, bob=bob-key';
const tiles = '{ jobCounts { total active byStatus { status count } } }';

/** Answers each key with numbers by status, or as the test says. */
function countsService(counts: Record<string, object>): UpstreamScript {
  return ({ path, key = '' }) => {
    const own = counts[key];
    if (own === undefined) return refusal(401, 'Authentication required');
    return path === '/jobs/statuses' ? { body: { success: true, data: own } } : refusal(404, 'Not Found');
  };
}

describe('the numbers of jobs', () => {
  test('are one for each status, whatever upstream leaves out, for one request', async () => {
    const { query, upstream } = await createTestGateway(
      countsService({ 'alice-key': { RUNNING: 2, COMPLETED: 40, HOLD: 3, QUEUED: 1 } }),
    );
    expect((await query(tiles)).data.jobCounts).toEqual({
      total: 46,
      active: 3,
      byStatus: [
        { status: 'INITIALIZING', count: 0 },
        { status: 'QUEUED', count: 1 },
        { status: 'VALIDATING', count: 0 },
        { status: 'RUNNING', count: 2 },
        { status: 'CANCELLING', count: 0 },
        { status: 'CANCELLED', count: 0 },
        { status: 'COMPLETED', count: 40 },
        { status: 'FAILED', count: 0 },
        { status: 'UNKNOWN', count: 0 },
        { status: 'HOLD', count: 3 },
      ],
    });
    expect(upstream.requests).toEqual([{ path: '/jobs/statuses', key: 'alice-key' }]);
  });

  test('count a status that is not known yet as UNKNOWN, and log its name', async () => {
    const { query, logs } = await createTestGateway(
      countsService({ 'alice-key': { UNKNOWN: 1, PAUSED: 2 } }),
    );
    const { data } = await query(tiles);
    expect(data.jobCounts.byStatus).toContainEqual({ status: 'UNKNOWN', count: 3 });
    expect(data.jobCounts.total).toBe(3);
    expect(logs.filter(({ status }) => status === 'PAUSED')).toHaveLength(1);
  });

  test('are read also where upstream sends them without an envelope', async () => {
    const { query } = await createTestGateway(() => ({ body: { success: true, RUNNING: 2 } }));
    expect((await query('{ jobCounts { total } }')).data.jobCounts.total).toBe(2);
  });

  test.each([[{ RUNNING: -1 }], [{ RUNNING: 'two' }], [{ RUNNING: 3_000_000_000 }], [{ RUNNING: {} }]])(
    'that cannot be, such as %j, are an error',
    async (counts) => {
      const { query } = await createTestGateway(countsService({ 'alice-key': counts }));
      const { data, errors } = await query('{ jobCounts { total } }');
      expect([data, errors?.[0]?.extensions.code]).toEqual([
        { jobCounts: null },
        'UPSTREAM_INVALID_RESPONSE',
      ]);
    },
  );

  test('cost one request for all who ask at once, and none for who asks while they are fresh', async () => {
    const { query, upstream, clock } = await createTestGateway(
      countsService({ 'alice-key': { RUNNING: 2 } }),
    );
    await Promise.all([query(tiles), query('{ jobCounts { active } }'), query('{ jobCounts { total } }')]);
    clock.advance(1999);
    await query(tiles);
    expect(upstream.requests).toHaveLength(1);
    clock.advance(1);
    await query(tiles);
    expect(upstream.requests).toHaveLength(2);
  });

  test('tell when they were read, and that they are stale while upstream fails', async () => {
    let isDown = false;
    const service = countsService({ 'alice-key': { RUNNING: 2 } });
    const { query, clock } = await createTestGateway((request) =>
      isDown ? refusal(503, 'Down') : service(request),
    );
    const both = '{ jobCounts { total isStale fetchedAt } }';
    const before = { total: 2, fetchedAt: '2026-01-15T00:00:00.000Z' };
    expect((await query(both)).data.jobCounts).toEqual({ ...before, isStale: false });
    isDown = true;
    clock.advance(5000);
    expect((await query(both)).data.jobCounts).toEqual({ ...before, isStale: true });
  });
});

describe('the numbers of a team', () => {
  const service = countsService({ 'alice-key': { RUNNING: 2, FAILED: 1 }, 'bob-key': { RUNNING: 5 } });

  test('are the sums over its keys, with a total for each', async () => {
    const { query } = await createTestGateway(service);
    const { data } = await query('{ jobCounts { total active sources { key totalCount } } }', { keys: team });
    expect(data.jobCounts).toEqual({
      total: 8,
      active: 7,
      sources: [
        { key: 'alice', totalCount: 3 },
        { key: 'bob', totalCount: 5 },
      ],
    });
  });

  test('are those of the keys that are asked for', async () => {
    const { query, upstream } = await createTestGateway(service);
    const { data } = await query('{ jobCounts(keys: ["bob"]) { total } }', { keys: team });
    expect(data.jobCounts.total).toBe(5);
    expect(upstream.requests.map(({ key }) => key)).toEqual(['bob-key']);
  });

  test.each([['carol'], ['qbr_secret']])(
    'refuse %s, which is no label, without repeating it',
    async (label) => {
      const { query } = await createTestGateway(service);
      const { errors } = await query(`{ jobCounts(keys: ["${label}"]) { total } }`, { keys: team });
      expect(errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
      expect(errors?.[0]?.message).not.toContain(label);
    },
  );

  test('leave out a key that fails, and say so', async () => {
    const { query } = await createTestGateway(service);
    const keys = 'alice=alice-key, gone=gone-key';
    const { data, errors } = await query('{ jobCounts { total } }', { keys });
    expect(data.jobCounts.total).toBe(3);
    expect(errors?.map(({ path, extensions }) => [path, extensions.code, extensions['key']])).toEqual([
      [['jobCounts'], 'UNAUTHENTICATED', 'gone'],
    ]);
  });

  test('have a key that fails as data, and not as an error, where its error is asked for', async () => {
    const { query } = await createTestGateway(service);
    const keys = 'alice=alice-key, gone=gone-key';
    const { data, errors } = await query('{ jobCounts { total sources { key error { code } } } }', { keys });
    expect([data.jobCounts, errors]).toEqual([
      {
        total: 3,
        sources: [
          { key: 'alice', error: null },
          { key: 'gone', error: { code: 'UNAUTHENTICATED' } },
        ],
      },
      undefined,
    ]);
  });

  test('are null where no key gives any', async () => {
    const { query } = await createTestGateway(service);
    const { data, errors } = await query('{ jobCounts { total } }', { keys: 'x=x-key, y=y-key' });
    expect(data.jobCounts).toBeNull();
    expect(errors?.map(({ extensions }) => [extensions.code, extensions['key']])).toEqual([
      ['UNAUTHENTICATED', 'x'],
      ['UNAUTHENTICATED', 'y'],
    ]);
  });
});

describe('watched numbers of jobs', () => {
  const watched = 'subscription { jobCountsChanged { total active sources { key error { code } } } }';
  const INTERVAL_MS = 2000;

  test('come at once, and again only when one of them changes', async () => {
    const lists = { 'alice-key': someJobs(2) };
    const gateway = await createTestGateway(jobService(lists));
    const stream = await openStream(gateway, watched);
    const sources = [{ key: 'default', error: null }];
    expect((await stream.next())?.data).toEqual({ jobCountsChanged: { total: 2, active: 2, sources } });
    await passTime(gateway, INTERVAL_MS);
    lists['alice-key'] = someJobs(2, '', { status: 'FAILED' });
    await passTime(gateway, INTERVAL_MS);
    expect((await stream.next())?.data).toEqual({ jobCountsChanged: { total: 2, active: 0, sources } });
  });

  test('cost one request for each poll, however many watch them', async () => {
    const gateway = await createTestGateway(jobService({ 'alice-key': someJobs(2) }));
    const streams = await Promise.all(Array.from({ length: 5 }, () => openStream(gateway, watched)));
    await Promise.all(streams.map((stream) => stream.next()));
    expect(gateway.upstream.requests).toEqual([{ path: '/jobs/statuses', key: 'alice-key' }]);
    await passTime(gateway, INTERVAL_MS);
    expect(gateway.upstream.requests).toHaveLength(2);
  });

  test('cost one request of each key for each poll, in however many sets of keys they are watched', async () => {
    const lists = { A: someJobs(3), B: someJobs(2, 'b'), C: someJobs(1, 'c') };
    const gateway = await createTestGateway(jobService(lists));
    for (const keys of ['a=A', 'a=A, b=B', 'a=A, c=C']) {
      const stream = await openStream(gateway, watched, { keys });
      await stream.next();
      await passTime(gateway, 700);
    }
    const count = () => gateway.upstream.requests.filter(({ key }) => key === 'A').length;
    await passTimeCallByCall(gateway, INTERVAL_MS);
    const before = count();
    await passTimeCallByCall(gateway, 10 * INTERVAL_MS);
    expect(count() - before).toBe(10);
  });

  test('go on with the other keys where one is refused', async () => {
    const lists: Record<string, ReturnType<typeof someJobs>> = {
      'alice-key': someJobs(2),
      'bob-key': someJobs(1, 'b'),
    };
    const gateway = await createTestGateway(jobService(lists));
    const stream = await openStream(gateway, watched, { keys: team });
    expect((await stream.next())?.data.jobCountsChanged.total).toBe(3);
    delete lists['bob-key'];
    await passTime(gateway, INTERVAL_MS);
    const event = await stream.next();
    expect([event?.data.jobCountsChanged, event?.errors]).toEqual([
      {
        total: 2,
        active: 2,
        sources: [
          { key: 'alice', error: null },
          { key: 'bob', error: { code: 'UNAUTHENTICATED' } },
        ],
      },
      undefined,
    ]);
  });

  test('end with an error where all keys are refused', async () => {
    const gateway = await createTestGateway(jobService({}));
    const stream = await openStream(gateway, watched);
    const [event] = await stream.rest();
    expect(event?.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
  });
});
