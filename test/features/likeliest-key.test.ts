import { describe, expect, test } from 'vitest';
import { createTestGateway } from '../support/create-test-gateway.ts';
import { aJob } from '../support/job-builder.ts';
import { jobService, overriding, refusal } from '../support/job-service.ts';
import type { UpstreamBehaviour } from '../support/scripted-upstream.ts';

const START = '2026-01-15T00:00:00.000Z';
const readJob = '{ job(qrn: "a:1") { status keys fetchedAt } }';
const asTeam = { keys: 'alice=alice-key, bob=bob-key' };

/** Both keys see the job, and Bob's saw it last, 3 s ago. From now on each key may behave in a way of its own. */
async function openTeam(behaviours: Readonly<Record<string, UpstreamBehaviour>>) {
  let isTroubled = false;
  const service = jobService({ 'alice-key': [aJob('a:1')], 'bob-key': [aJob('a:1')] });
  const gateway = await createTestGateway(
    overriding(service, ({ key = '' }) => (isTroubled ? behaviours[key] : undefined)),
  );
  await gateway.query(readJob, { key: 'bob-key' });
  isTroubled = true;
  gateway.clock.advance(3000);
  return { ...gateway, keysAsked: () => gateway.upstream.requests.slice(1).map(({ key }) => key) };
}

const held = refusal(429, 'Too many requests', { 'retry-after': '60' });

describe('the key that saw a job last', () => {
  test('is waited for 2 s where it hangs, and then another one answers', async () => {
    const { query, clock, upstream, keysAsked } = await openTeam({ 'bob-key': 'hang' });
    const answer = query(readJob, asTeam);
    await upstream.received(2);
    clock.advance(1999);
    const before = keysAsked();
    clock.advance(1);
    expect([await answer, before, keysAsked()]).toEqual([
      { data: { job: { status: 'RUNNING', keys: ['alice'], fetchedAt: '2026-01-15T00:00:05.000Z' } } },
      ['bob-key'],
      ['bob-key', 'alice-key'],
    ]);
  });

  test('gives way at once to another one where it is held: its stale copy is not shown', async () => {
    const { query } = await openTeam({ 'bob-key': held });
    expect(await query(readJob, asTeam)).toEqual({
      data: { job: { status: 'RUNNING', keys: ['alice'], fetchedAt: '2026-01-15T00:00:03.000Z' } },
    });
  });

  test('shows its stale copy, marked as stale, where all keys are held', async () => {
    const { query, keysAsked } = await openTeam({ 'alice-key': held, 'bob-key': held });
    expect([await query(readJob, asTeam), keysAsked()]).toEqual([
      {
        data: { job: { status: 'RUNNING', keys: ['bob'], fetchedAt: START } },
        extensions: { stale: true },
      },
      ['bob-key', 'alice-key'],
    ]);
  });

  test('shows its stale copy where the others do not see the job', async () => {
    const { query } = await openTeam({ 'alice-key': refusal(404, 'Job not found'), 'bob-key': held });
    expect(await query(readJob, asTeam)).toMatchObject({
      data: { job: { keys: ['bob'], fetchedAt: START } },
      extensions: { stale: true },
    });
  });
});
