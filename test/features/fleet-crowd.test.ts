import { describe, expect, test } from 'vitest';
import { createTestFleet } from '../support/create-test-fleet.ts';
import type { Answer } from '../support/create-test-gateway.ts';
import { aJob } from '../support/job-builder.ts';
import { jobService, overriding } from '../support/job-service.ts';

const QRNS = Array.from({ length: 30 }, (_, index) => `qbraid:job:${index}`);

/** An upstream with so many jobs, that answers each request about a job only once it is told to. */
function slowService() {
  const service = jobService({ 'alice-key': QRNS.map((qrn) => aJob(qrn, { status: 'RUNNING' })) });
  const answers: (() => void)[] = [];
  const script = overriding(service, (request) =>
    request.path.startsWith('/jobs/qbraid')
      ? new Promise((resolve) => answers.push(() => resolve(service(request))))
      : undefined,
  );
  return { script, answers };
}

const codesOf = ({ errors = [] }: Answer) => errors.map(({ extensions }) => extensions.code);

describe('many jobs that several replicas read at the same time', () => {
  test('are read with one request each, however many answers come before that of a job', async () => {
    const { script, answers } = slowService();
    const { replicas, upstream } = await createTestFleet(script, { size: 3 });
    // Keys that were never accepted wait for each other.
    for (const replica of replicas) await replica.query('{ job(qrn: "other:1") { status } }');
    const reads = replicas.flatMap((replica) =>
      QRNS.map((qrn) => replica.query(`{ job(qrn: "${qrn}") { status } }`)),
    );
    for (let asked = 0; asked < QRNS.length; asked += 1) {
      await upstream.received(2 + asked);
      answers[asked]?.();
    }
    expect((await Promise.all(reads)).flatMap(codesOf)).toEqual([]);
    expect(upstream.requests).toHaveLength(1 + QRNS.length);
  });
});

describe('where the server is gone, many reads that come at once', () => {
  test('send no more than the share of the replica', async () => {
    const { replicas, upstream, server } = await createTestFleet(jobService({ 'alice-key': [] }), {
      environment: { RATE_LIMIT_REQUESTS: '100' },
    });
    const [replica] = replicas;
    await replica?.query('{ job(qrn: "other:1") { status } }');
    server.stop();
    await Promise.all(QRNS.map((qrn) => replica?.query(`{ job(qrn: "${qrn}") { status } }`)));
    expect(upstream.requests).toHaveLength(1 + 4);
  });
});
