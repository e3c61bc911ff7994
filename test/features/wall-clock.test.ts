import { describe, expect, test } from 'vitest';
import { createTestGateway } from '../support/create-test-gateway.ts';
import { openStream } from '../support/event-stream.ts';
import { someJobs } from '../support/job-builder.ts';
import { jobService, overriding, refusal } from '../support/job-service.ts';
import { passTime } from '../support/pass-time.ts';
import type { UpstreamBehaviour } from '../support/scripted-upstream.ts';

const HOUR_MS = 3_600_000;
const readJob = '{ job(qrn: "qbraid:job:0") { status fetchedAt } }';
const rateLimit = '{ rateLimit { used remaining resetAt } }';

/** A gateway whose upstream a test may let fail. */
async function openGateway(environment: Record<string, string> = {}) {
  let answer: UpstreamBehaviour | undefined;
  const jobs = someJobs(20);
  const script = overriding(jobService({ 'alice-key': jobs }), () => answer);
  const gateway = await createTestGateway(script, environment);
  const answerWith = (next: UpstreamBehaviour | undefined) => {
    answer = next;
  };
  return { ...gateway, jobs, answerWith, asked: () => gateway.upstream.requests.length };
}

describe.each([
  ['back', -HOUR_MS],
  ['forward', HOUR_MS],
])('when the wall clock steps an hour %s', (_, stepMs) => {
  /** The time so many milliseconds after the start, by the clock as it was set. */
  const timeAfter = (ms: number) => new Date(Date.UTC(2026, 0, 15) + stepMs + ms).toISOString();

  test('what was read stays fresh for as long as it should, and fetchedAt follows', async () => {
    const { query, clock, asked } = await openGateway();
    await query(readJob);
    clock.stepWallClock(stepMs);
    clock.advance(1999);
    await query(readJob);
    const before = asked();
    clock.advance(1);
    expect([before, await query(readJob), asked()]).toEqual([
      1,
      { data: { job: { status: 'RUNNING', fetchedAt: timeAfter(2000) } } },
      2,
    ]);
  });

  test('a hold ends when it should', async () => {
    const { query, clock, answerWith, asked } = await openGateway();
    answerWith(refusal(429, 'Too many requests', { 'retry-after': '7' }));
    await query(readJob);
    answerWith(undefined);
    clock.stepWallClock(stepMs);
    clock.advance(6999);
    expect((await query(readJob)).errors).toMatchObject([{ extensions: { retryAfterMs: 1 } }]);
    clock.advance(1);
    expect([await query(readJob), asked()]).toMatchObject([{ data: { job: { status: 'RUNNING' } } }, 2]);
  });

  test('the wait after a failure ends when it should', async () => {
    const { query, clock, answerWith, asked } = await openGateway();
    answerWith({ status: 503 });
    await query(readJob);
    clock.stepWallClock(stepMs);
    await query(readJob);
    const before = asked();
    clock.advance(1000);
    await query(readJob);
    expect([before, asked()]).toEqual([1, 2]);
  });

  test('the budget counts the same window, and resetAt follows', async () => {
    const { query, clock } = await openGateway();
    await query(readJob);
    clock.stepWallClock(stepMs);
    clock.advance(1000);
    expect((await query(rateLimit)).data.rateLimit).toEqual([
      { used: 1, remaining: 999, resetAt: timeAfter(900_000) },
    ]);
    clock.advance(899_000);
    expect((await query(rateLimit)).data.rateLimit).toEqual([{ used: 0, remaining: 1000, resetAt: null }]);
  });

  test('a request that hangs is given up when it should be', async () => {
    const { query, clock, upstream, answerWith } = await openGateway();
    answerWith('hang');
    const answer = query(readJob);
    await upstream.received(1);
    clock.stepWallClock(stepMs);
    clock.advance(30_000);
    expect((await answer).errors).toMatchObject([{ extensions: { code: 'GATEWAY_TIMEOUT' } }]);
  });

  test('those who watch are told of changes as before', async () => {
    const gateway = await openGateway();
    const stream = await openStream(
      gateway,
      'subscription { jobUpdated(qrns: ["qbraid:job:0"]) { status } }',
    );
    await stream.next();
    gateway.clock.stepWallClock(stepMs);
    gateway.jobs[0] = { ...gateway.jobs[0], jobQrn: 'qbraid:job:0', status: 'FAILED', cost: 0 };
    await passTime(gateway, 2000);
    expect(await stream.next()).toEqual({ data: { jobUpdated: { status: 'FAILED' } } });
  });

  test('an answer is not taken for an older one', async () => {
    const { query, clock, jobs } = await openGateway();
    await query(readJob);
    clock.stepWallClock(stepMs);
    clock.advance(2000);
    jobs[0] = { ...jobs[0], jobQrn: 'qbraid:job:0', status: 'CANCELLING' };
    expect((await query(readJob)).data.job.status).toBe('CANCELLING');
  });
});
