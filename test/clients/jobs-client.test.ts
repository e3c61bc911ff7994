import { describe, expect, test } from 'vitest';
import { createJobsClient } from '../../clients/src/client/create-jobs-client.ts';
import { JobsError } from '../../clients/src/core/jobs-error.ts';
import { hasCode } from '../../clients/src/core/read-errors.ts';
import { aJob } from '../support/job-builder.ts';
import { jobService } from '../support/job-service.ts';
import { startTestGateway } from '../support/start-test-gateway.ts';

const FAST = { WATCH_MIN_INTERVAL_MS: '100', WATCH_MAX_INTERVAL_MS: '100', FRESH_ACTIVE_MS: '0' };
const headers = () => ({ 'x-api-key': 'alice-key' });

describe('the client that needs only fetch', () => {
  test('gives the data of a query', async (context) => {
    const { url } = await startTestGateway(context, jobService({ 'alice-key': [aJob('qbraid:job:1')] }));
    const client = createJobsClient({ url, headers });
    const query = 'query ($qrn: String!) { job(qrn: $qrn) { qrn status } }';
    expect(await client.query(query, { qrn: 'qbraid:job:1' })).toEqual({
      job: { qrn: 'qbraid:job:1', status: 'RUNNING' },
    });
  });

  test('throws what failed, with its code and with what did not fail', async (context) => {
    const { url } = await startTestGateway(context, jobService({ 'alice-key': [aJob('qbraid:job:1')] }));
    const client = createJobsClient({ url, headers });
    const query = '{ one: job(qrn: "qbraid:job:1") { qrn } other: job(qrn: "qbraid:job:2") { qrn } }';
    const error = await client.query(query).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(JobsError);
    expect(error).toMatchObject({ code: 'NOT_FOUND', data: { one: { qrn: 'qbraid:job:1' }, other: null } });
    expect(hasCode(error, 'NOT_FOUND')).toBe(true);
  });

  test('throws the status where the answer is not of the gateway', async () => {
    const proxy = async () =>
      new Response('<h1>Bad Gateway</h1>', { status: 502, headers: { 'retry-after': '3' } });
    const client = createJobsClient({ url: 'http://gateway/graphql', fetch: proxy });
    await expect(client.query('{ __typename }')).rejects.toMatchObject({
      status: 502,
      code: undefined,
      retryAfterMs: 3000,
    });
  });

  test('follows a job until it has ended', async (context) => {
    let job = aJob('qbraid:job:1', { status: 'QUEUED' });
    const { url } = await startTestGateway(
      context,
      (request) => jobService({ 'alice-key': [job] })(request),
      FAST,
    );
    const client = createJobsClient({ url, headers });
    const seen: unknown[] = [];
    const next = { QUEUED: 'RUNNING', RUNNING: 'COMPLETED' } as Readonly<Record<string, string>>;
    const updates = client.subscribe<{ jobUpdated: { status: string } }, object>(
      'subscription { jobUpdated(qrns: ["qbraid:job:1"]) { qrn status } }',
    );
    for await (const { data } of updates) {
      seen.push(data?.jobUpdated.status);
      job = { ...job, status: next[data?.jobUpdated.status ?? ''] ?? 'COMPLETED', cost: 1 };
    }
    expect(seen).toEqual(['QUEUED', 'RUNNING', 'COMPLETED']);
  });

  test('tells of a job that does not exist, and goes on with the others', async (context) => {
    const job = aJob('qbraid:job:1', { status: 'COMPLETED', cost: 1 });
    const { url } = await startTestGateway(context, jobService({ 'alice-key': [job] }), FAST);
    const codes: unknown[] = [];
    const query = 'subscription { jobUpdated(qrns: ["qbraid:job:1", "qbraid:job:2"]) { qrn status } }';
    for await (const { errors } of createJobsClient({ url, headers }).subscribe(query)) {
      codes.push(errors[0]?.extensions?.['code'] ?? null);
    }
    expect(codes.sort()).toEqual(['NOT_FOUND', null]);
  });

  test('ends with the errors where the gateway refuses the document', async (context) => {
    const { url } = await startTestGateway(context, jobService({}), FAST);
    const updates = createJobsClient({ url, headers }).subscribe('subscription { nothing }');
    const { value } = await updates.next();
    expect(hasCode(value?.errors, 'GRAPHQL_VALIDATION_FAILED')).toBe(true);
    expect(await updates.next()).toEqual({ done: true, value: undefined });
  });

  test('ends quietly when it is aborted', async (context) => {
    const { url } = await startTestGateway(
      context,
      jobService({ 'alice-key': [aJob('qbraid:job:1')] }),
      FAST,
    );
    const left = new AbortController();
    const query = 'subscription { jobsChanged { totalCount } }';
    const updates = createJobsClient({ url, headers }).subscribe(query, {}, { signal: left.signal });
    expect(await updates.next()).toMatchObject({ value: { data: { jobsChanged: { totalCount: 1 } } } });
    const next = updates.next();
    left.abort();
    expect(await next).toEqual({ done: true, value: undefined });
  });
});
