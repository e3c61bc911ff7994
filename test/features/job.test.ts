import { expect, test } from 'vitest';
import { createTestGateway } from '../support/create-test-gateway.ts';
import { aJob } from '../support/job-builder.ts';
import { jobService } from '../support/job-service.ts';

test('asks the upstream once when two fields need the same job', async () => {
  const { query, upstream } = await createTestGateway(jobService({ 'alice-key': [aJob('qbraid:job:1')] }));

  const { data } = await query(
    '{ a: job(qrn: "qbraid:job:1") { qrn } b: job(qrn: "qbraid:job:1") { status } }',
  );

  expect(data).toEqual({ a: { qrn: 'qbraid:job:1' }, b: { status: 'RUNNING' } });
  expect(upstream.requests).toEqual([{ path: '/jobs/qbraid:job:1', key: 'alice-key' }]);
});
