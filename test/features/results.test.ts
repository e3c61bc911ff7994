import { describe, expect, test } from 'vitest';
import { createTestGateway } from '../support/create-test-gateway.ts';
import { aJob } from '../support/job-builder.ts';
import { jobService, overriding, refusal } from '../support/job-service.ts';
import type { UpstreamBehaviour } from '../support/scripted-upstream.ts';

const done = (qrn: string) => aJob(qrn, { status: 'COMPLETED', cost: 1 });
const jobs = [done('a:1'), done('a:2'), aJob('a:3', { status: 'RUNNING' })];

/** A gateway over a service that answers for results as the test says. */
function openGateway(
  resultOf: (qrn: string) => UpstreamBehaviour | object,
  environment: Record<string, string> = {},
) {
  const service = jobService({ 'alice-key': jobs, 'bob-key': [jobs[1] ?? done('a:2')] });
  return createTestGateway(
    overriding(service, ({ path }) => {
      const qrn = /^\/jobs\/(.+)\/result$/.exec(path)?.[1];
      if (qrn === undefined) return undefined;
      const result = resultOf(qrn);
      if (typeof result === 'string' || 'status' in result || 'body' in result)
        return result as UpstreamBehaviour;
      return {
        body: { success: true, data: { status: 'COMPLETED', cost: 1, timeStamps: {}, resultData: result } },
      };
    }),
    environment,
  );
}

const results = (requests: readonly { readonly path: string }[]) =>
  requests.map(({ path }) => path).filter((path) => path.endsWith('/result'));

describe('the result of a job', () => {
  const counts = { '00': 7, '11': 90, '01': 3, '10': 0 };
  const full =
    '{ job(qrn: "a:1") { result { measurementCounts { bitstring count probability } shots data } } }';

  test('has its outcomes, the most frequent first, and the rest as it was sent', async () => {
    const { query } = await openGateway(() => ({ measurementCounts: counts, seed: 5 }));
    expect((await query(full)).data.job.result).toEqual({
      measurementCounts: [
        { bitstring: '11', count: 90, probability: 0.9 },
        { bitstring: '00', count: 7, probability: 0.07 },
        { bitstring: '01', count: 3, probability: 0.03 },
        { bitstring: '10', count: 0, probability: 0 },
      ],
      shots: 100,
      data: { seed: 5 },
    });
  });

  test('has no more outcomes than are asked for, with the shares that they have of all', async () => {
    const { query } = await openGateway(() => ({ measurementCounts: counts }));
    const { data } = await query(
      '{ job(qrn: "a:1") { result { measurementCounts(first: 1) { bitstring probability } shots } } }',
    );
    expect(data.job.result).toEqual({
      measurementCounts: [{ bitstring: '11', probability: 0.9 }],
      shots: 100,
    });
  });

  test.each([[-1], [10_001]])('refuses %i outcomes', async (first) => {
    const { query } = await openGateway(() => ({ measurementCounts: counts }));
    const { errors } = await query(
      `{ job(qrn: "a:1") { result { measurementCounts(first: ${first}) { count } } } }`,
    );
    expect(errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
  });

  test.each<[what: string, result: object, data: object]>([
    [
      'several circuits',
      { measurementCounts: [{ '0': 1 }, { '1': 1 }] },
      { measurementCounts: [{ '0': 1 }, { '1': 1 }] },
    ],
    [
      'shares in the place of counts',
      { measurementCounts: { '0': 0.5 } },
      { measurementCounts: { '0': 0.5 } },
    ],
    ['no counts', { energies: [-1.5] }, { energies: [-1.5] }],
  ])('is all data where it has %s', async (_, result, data) => {
    const { query } = await openGateway(() => result);
    expect((await query(full)).data.job.result).toEqual({ measurementCounts: null, shots: null, data });
  });

  test.each<[what: string, resultData: unknown, data: object]>([
    ['nothing', undefined, {}],
    ['a list', [{ '0': 1 }], { resultData: [{ '0': 1 }] }],
  ])('is an object also where upstream sends %s', async (_, resultData, data) => {
    const { query } = await openGateway(() => ({
      body: { success: true, data: { status: 'COMPLETED', resultData } },
    }));
    expect((await query(full)).data.job.result).toEqual({ measurementCounts: null, shots: null, data });
  });

  test('of a job that measured nothing has shares of 0', async () => {
    const { query } = await openGateway(() => ({ measurementCounts: { '0': 0 } }));
    expect((await query(full)).data.job.result.measurementCounts).toEqual([
      { bitstring: '0', count: 0, probability: 0 },
    ]);
  });

  test('is null without a request until the job is completed', async () => {
    const { query, upstream } = await openGateway(() => ({}));
    expect((await query('{ job(qrn: "a:3") { result { shots } } }')).data.job.result).toBeNull();
    expect(upstream.requests).toEqual([{ path: '/jobs/a:3', key: 'alice-key' }]);
  });

  test('is read once for all who want it, and never again while there is room', async () => {
    const { query, upstream, clock } = await openGateway(() => ({ measurementCounts: counts }));
    await Promise.all([query(full), query('{ job(qrn: "a:1") { result { shots } } }')]);
    clock.advance(86_400_000);
    expect((await query(full)).data.job.result.shots).toBe(100);
    expect(results(upstream.requests)).toEqual(['/jobs/a:1/result']);
  });

  test('is RESULT_NOT_READY where upstream does not have it yet, and is asked for again later', async () => {
    let isReady = false;
    const { query, clock } = await openGateway(() =>
      isReady ? { measurementCounts: counts } : { status: 409 },
    );
    const { data, errors } = await query(full);
    expect([data, errors?.[0]?.extensions.code]).toEqual([{ job: { result: null } }, 'RESULT_NOT_READY']);
    isReady = true;
    clock.advance(30_000);
    expect((await query(full)).data.job.result.shots).toBe(100);
  });

  test('beyond MAX_RESULT_BYTES is given up, and says which limit that is', async () => {
    const { query, upstream } = await openGateway(() => ({ text: 'x'.repeat(5000) }), {
      MAX_RESULT_BYTES: '1024',
    });
    const { data, errors } = await query(full);
    expect(data.job.result).toBeNull();
    expect(errors?.[0]?.extensions).toMatchObject({
      code: 'ANSWER_TOO_LARGE',
      limit: 'MAX_RESULT_BYTES',
      max: 1024,
    });
    await query(full);
    expect(results(upstream.requests)).toHaveLength(1);
  });

  test('that nests too deeply is an error, and nothing else is', async () => {
    let deep: unknown = 1;
    for (let depth = 0; depth < 100; depth += 1) deep = [deep];
    const { query } = await openGateway(() => ({ deep }));
    const { data, errors } = await query('{ job(qrn: "a:1") { qrn result { shots } } }');
    expect([data, errors?.[0]?.extensions.code]).toEqual([
      { job: { qrn: 'a:1', result: null } },
      'UPSTREAM_INVALID_RESPONSE',
    ]);
  });

  test('is read with a key that sees the job', async () => {
    const { query, upstream } = await openGateway(() => ({ measurementCounts: counts }));
    await query('{ jobs(filter: { keys: ["bob"] }) { nodes { result { shots } } } }', {
      keys: 'alice=alice-key, bob=bob-key',
    });
    expect(upstream.requests.filter(({ path }) => path.endsWith('/result'))).toEqual([
      { path: '/jobs/a:2/result', key: 'bob-key' },
    ]);
  });

  test('of a job that several keys see is read with one of them, and with the next one where that fails', async () => {
    let refused = '';
    const { query, upstream } = await createTestGateway(
      overriding(jobService({ 'alice-key': [done('a:2')], 'bob-key': [done('a:2')] }), ({ path, key }) => {
        if (!path.endsWith('/result')) return undefined;
        return key === refused ? refusal(403, 'no') : { body: { success: true, data: { resultData: {} } } };
      }),
    );
    refused = 'alice-key';
    const { data, errors } = await query('{ jobs { nodes { result { data } } } }', {
      keys: 'alice=alice-key, bob=bob-key',
    });
    expect([data.jobs.nodes, errors]).toEqual([[{ result: { data: {} } }], undefined]);
    expect(upstream.requests.filter(({ path }) => path.endsWith('/result')).map(({ key }) => key)).toEqual([
      'alice-key',
      'bob-key',
    ]);
  });

  test.each<[what: string, answer: UpstreamBehaviour, code: string]>([
    ['not ready', { status: 409 }, 'RESULT_NOT_READY'],
    ['too large', { body: { data: { resultData: 'x'.repeat(2000) } } }, 'ANSWER_TOO_LARGE'],
  ])('that is %s is so with every key: no other is asked', async (_, answer, code) => {
    const { query, upstream } = await createTestGateway(
      overriding(jobService({ 'alice-key': [done('a:2')], 'bob-key': [done('a:2')] }), ({ path }) =>
        path.endsWith('/result') ? answer : undefined,
      ),
      { MAX_RESULT_BYTES: '1024' },
    );
    const { errors } = await query('{ jobs { nodes { result { data } } } }', {
      keys: 'alice=alice-key, bob=bob-key',
    });
    expect([errors?.[0]?.extensions.code, results(upstream.requests).length]).toEqual([code, 1]);
  });

  test('is never shown to another key', async () => {
    const { query } = await openGateway(() => ({ measurementCounts: counts }));
    await query(full);
    const { data, errors } = await query(full, { key: 'bob-key' });
    expect([data.job, errors?.[0]?.extensions.code]).toEqual([null, 'FORBIDDEN']);
  });
});

describe('a list of results', () => {
  const list = (count: number) => `{ jobs(first: ${count}) { nodes { qrn result { shots } } } }`;

  /** A gateway over so many completed jobs. */
  const openList = (count: number) =>
    createTestGateway(
      overriding(
        jobService({ 'alice-key': Array.from({ length: count }, (_, index) => done(`a:${index}`)) }),
        ({ path }) =>
          path.endsWith('/result')
            ? { body: { success: true, data: { resultData: { measurementCounts: { '0': 5 } } } } }
            : undefined,
      ),
    );

  test('costs one request for each job', async () => {
    const { query, upstream } = await openList(20);
    const { data } = await query(list(20));
    expect(data.jobs.nodes.every(({ result }: { result: object }) => 'shots' in result)).toBe(true);
    expect(results(upstream.requests)).toHaveLength(20);
  });

  test('is refused without a request for any result where it needs more than the operation may send', async () => {
    const { query, upstream } = await openList(100);
    const { data, errors } = await query(list(100));
    expect(data.jobs.nodes).toHaveLength(100);
    expect(errors).toHaveLength(100);
    expect(errors?.[0]?.extensions).toMatchObject({
      code: 'OPERATION_TOO_EXPENSIVE',
      maxUpstreamRequests: 60,
    });
    expect(results(upstream.requests)).toEqual([]);
  });
});
