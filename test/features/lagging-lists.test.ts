import { expect, test } from 'vitest';
import { createTestGateway } from '../support/create-test-gateway.ts';
import { answersOf, openStream } from '../support/event-stream.ts';
import { aJob } from '../support/job-builder.ts';
import { jobService, overriding, refusal } from '../support/job-service.ts';
import { passTurns } from '../support/pass-time.ts';

const TEAM = { keys: 'alice=alice-key, bob=bob-key' };
const ENDED = aJob('a:1', { status: 'COMPLETED', cost: 3, updatedAt: '2026-01-14T00:00:09Z' });
const LAGGING = aJob('a:1', { status: 'RUNNING', updatedAt: '2026-01-14T00:00:05Z' });

/** Lets all that can go on without what is held do so. */
const goOn = () => passTurns(60);

/** Alice's list says that a job has ended, and Bob's still that it runs. The answer of one of them comes last. */
async function openTeam() {
  let last = 'bob-key';
  const held: (() => void)[] = [];
  const service = jobService({ 'alice-key': [ENDED], 'bob-key': [LAGGING] });
  const gateway = await createTestGateway(async (request) => {
    const answer = await service(request);
    if (request.key === last) await new Promise<void>((resolve) => held.push(resolve));
    return answer;
  });
  return {
    ...gateway,
    /** Lets the answer of this key come last, of those that are asked from now on. */
    answerLast(key: string) {
      last = key;
    },
    async release() {
      await goOn();
      for (const resolve of held.splice(0)) resolve();
      await goOn();
    },
  };
}

const TURNS = ['alice-key', 'bob-key', 'alice-key', 'bob-key'];

test('a merged list shows a job as the key does that knows most of it, whichever answers last', async () => {
  const { query, clock, answerLast, release } = await openTeam();
  const seen: string[] = [];
  for (const key of TURNS) {
    answerLast(key);
    const answer = query('{ jobs(first: 5) { nodes { status } } }', TEAM);
    await release();
    seen.push((await answer).data.jobs.nodes[0].status);
    clock.advance(2500);
  }
  expect(seen).toEqual(TURNS.map(() => 'COMPLETED'));
});

test('a stream of a merged list comes to rest', async () => {
  const gateway = await openTeam();
  const stream = await openStream(
    gateway,
    'subscription { jobsChanged(first: 5) { nodes { status } } }',
    TEAM,
  );
  const answers = answersOf(stream);
  for (const key of TURNS) {
    gateway.answerLast(key);
    await gateway.release();
    gateway.clock.advance(2000);
    await goOn();
  }
  await gateway.release();
  stream.cut();
  expect(answers.map(({ data }) => data.jobsChanged.nodes[0].status)).toEqual(['COMPLETED']);
});

test('a job is read with the key that knows most of it, also after another key has read its list', async () => {
  const gateway = await createTestGateway(jobService({ 'alice-key': [ENDED], 'bob-key': [LAGGING] }));
  const statusOf = async (options: object) =>
    (await gateway.query('{ job(qrn: "a:1") { status } }', options)).data.job.status;
  const before = [await statusOf({ key: 'alice-key' }), await statusOf(TEAM)];
  await gateway.query('{ jobs(first: 5) { nodes { status } } }', { key: 'bob-key' });
  const stream = await openStream(gateway, 'subscription { jobUpdated(qrns: ["a:1"]) { status } }', TEAM);
  const first = await stream.next();
  stream.cut();
  expect([...before, await statusOf(TEAM), first?.data.jobUpdated.status]).toEqual(
    Array(4).fill('COMPLETED'),
  );
});

test('what was shown with a key that fails is not taken back by one that is slow to read', async () => {
  let job = aJob('a:1');
  let isDown = false;
  const gateway = await createTestGateway(
    overriding(jobService({ 'alice-key': [], 'bob-key': [] }), ({ path, key }) => {
      if (path !== '/jobs/a:1') return undefined;
      return key === 'alice-key' && isDown ? refusal(500, 'Down.') : { body: { success: true, data: job } };
    }),
    { RATE_LIMIT_REQUESTS: '100' },
  );
  const read = async (keys: string) =>
    (await gateway.query('{ job(qrn: "a:1") { status fetchedAt } }', { keys })).data.job;
  // Bob's key has spent so much that its readings count as fresh for longer.
  for (let spent = 0; spent < 12; spent += 1) {
    await gateway.query(`{ job(qrn: "b:${spent}") { status } }`, { key: 'bob-key' });
  }
  await read('bob=bob-key');
  gateway.clock.advance(3000);
  job = aJob('a:1', { status: 'COMPLETED', cost: null });
  await read('alice=alice-key');
  const shown = await read(TEAM.keys);
  gateway.clock.advance(2500);
  isDown = true;
  expect([shown.status, await read(TEAM.keys)]).toEqual(['COMPLETED', shown]);
});
