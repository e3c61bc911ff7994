import { describe, expect, test } from 'vitest';
import { createTestGateway, type QueryOptions } from '../support/create-test-gateway.ts';
import { holdAnswers } from '../support/held-answers.ts';
import { aJob, type RawJob } from '../support/job-builder.ts';
import { jobService, overriding } from '../support/job-service.ts';
import { arrived, passTurns } from '../support/pass-time.ts';
import type { UpstreamBehaviour } from '../support/scripted-upstream.ts';

const job = '{ job(qrn: "a:1") { status keys } }';
const listOf = (key: string) => `{ jobs(first: 5, filter: { keys: ["${key}"] }) { nodes { status } } }`;
const running = '{ jobs(first: 5, filter: { status: RUNNING }) { nodes { status keys } } }';
const asTeam: QueryOptions = { keys: 'alice=alice-key, bob=bob-key' };

const AS_RUNNING: RawJob = aJob('a:1', { updatedAt: '2026-01-15T00:00:01Z' });
const AS_HELD: RawJob = aJob('a:1', { status: 'HOLD', updatedAt: '2026-01-15T00:00:01Z' });
const AS_ENDED: RawJob = aJob('a:1', { status: 'COMPLETED', updatedAt: '2026-01-15T00:00:02Z' });

/** Alice's key sees the job as it was before, Bob's as it is now. */
async function openTeam(before: RawJob = AS_RUNNING) {
  let behaviour: UpstreamBehaviour | undefined;
  let isHeld = false;
  const service = jobService({ 'alice-key': [before], 'bob-key': [AS_ENDED] });
  const held = holdAnswers(service, () => isHeld);
  const gateway = await createTestGateway(
    overriding(
      (request) => (request.key === 'alice-key' ? held.script : service)(request),
      ({ key }) => (key === 'bob-key' ? behaviour : undefined),
    ),
  );
  return {
    ...gateway,
    letBob(does: UpstreamBehaviour) {
      behaviour = does;
    },
    holdAlice() {
      isHeld = true;
    },
    releaseAlice: held.release,
  };
}

describe('a job that a client has seen with one of its keys is not seen as it was before', () => {
  test('in an answer that was kept before that key had ever seen the job', async () => {
    const { query } = await openTeam();
    await query(listOf('alice'), asTeam);
    const before = [await query(job, asTeam), await query(job, asTeam)];
    await query(listOf('bob'), asTeam);
    expect([...before, await query(job, asTeam)].map(({ data }) => data.job)).toEqual([
      { status: 'RUNNING', keys: ['alice'] },
      { status: 'RUNNING', keys: ['alice'] },
      { status: 'COMPLETED', keys: ['bob'] },
    ]);
  });

  test('while that key is slow, though what another one gave is fresh: it is stale', async () => {
    const { query, clock, upstream, letBob } = await openTeam(AS_HELD);
    await query(job);
    await query(job, asTeam);
    await query(job, { ...asTeam, keys: 'bob=bob-key' });
    clock.advance(3000);
    letBob('hang');
    const { length } = upstream.requests;
    const answer = query(job, asTeam);
    await upstream.received(length + 1);
    for (let seconds = 0; seconds < 4; seconds += 1) {
      clock.advance(1000);
      await passTurns(20);
    }
    expect(await answer).toEqual({
      data: { job: { status: 'COMPLETED', keys: ['bob'] } },
      extensions: { stale: true },
    });
  });

  test('in an answer to somebody who asked for the same before, and waits for another key', async () => {
    const { query, clock, upstream, holdAlice, releaseAlice } = await openTeam();
    await query(job);
    clock.advance(3000);
    holdAlice();
    const before = query(job, asTeam);
    await upstream.received(2);
    await query(listOf('bob'), asTeam);
    const after = query(job, asTeam);
    await arrived();
    releaseAlice();
    expect([(await before).data.job.status, (await after).data.job.status]).toEqual(['RUNNING', 'COMPLETED']);
  });

  test('in a list that only another key has it in', async () => {
    const { query } = await openTeam();
    await query(listOf('alice'), asTeam);
    await query(listOf('bob'), asTeam);
    const { data } = await query(running, asTeam);
    expect(data.jobs.nodes).toEqual([{ status: 'COMPLETED', keys: ['alice', 'bob'] }]);
  });
});

test('a job is shown through the keys alone whose lists hold it, where another one tells nothing else', async () => {
  const service = jobService({ 'alice-key': [AS_RUNNING], 'bob-key': [] });
  const { query } = await createTestGateway(
    overriding(service, ({ key, path }) =>
      key === 'bob-key' && path.startsWith('/jobs/')
        ? { body: { success: true, data: AS_RUNNING } }
        : undefined,
    ),
  );
  await query(running, asTeam);
  await query(job, { keys: 'bob=bob-key' });
  const { data } = await query(running, asTeam);
  expect(data.jobs.nodes).toEqual([{ status: 'RUNNING', keys: ['alice'] }]);
});
