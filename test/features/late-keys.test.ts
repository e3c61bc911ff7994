import { expect, onTestFinished, test, vi } from 'vitest';
import type { KeyPoller } from '../../src/live/key-poller.ts';
import { Pollers } from '../../src/live/pollers.ts';
import { createTestGateway, type TestGateway } from '../support/create-test-gateway.ts';
import { answersOf, openStream } from '../support/event-stream.ts';
import { aJob } from '../support/job-builder.ts';
import { jobService, overriding, refusal } from '../support/job-service.ts';
import { passTime, passTurns, settled } from '../support/pass-time.ts';

const JOB = 'subscription { jobUpdated(qrns: ["a:1"]) { queuePosition keys fetchedAt } }';
const POLL_MS = 2000;

/** Keys that took turns would do so without end, and let nothing else run: after so many turns, nobody says anything more. */
const MANY = 100;
const SILENT = { watchJob: () => ({ latest: () => null, leave() {} }) } as unknown as KeyPoller;

interface Shown {
  readonly queuePosition: number;
  readonly keys: readonly string[];
  readonly fetchedAt: string;
}

/** Lets all that is under way come to the streams. */
const arrive = () => passTurns(30);

/** Opens a stream with these keys. Gives what tells what it has shown. */
async function follow(gateway: TestGateway, keys: string): Promise<() => readonly Shown[]> {
  const stream = await openStream(gateway, JOB, { keys });
  const answers = answersOf(stream);
  await settled(gateway);
  await arrive();
  return () => answers.map(({ data }) => data.jobUpdated);
}

test('keys that are all late, one of which does not say when the job changed, do not take turns', async () => {
  let hangs = false;
  const lists = {
    'alice-key': [aJob('a:1', { updatedAt: '2026-01-14T00:00:05Z' })],
    'bob-key': [aJob('a:1')],
    'carol-key': [aJob('a:1', { updatedAt: '2026-01-14T00:00:03Z' })],
  };
  const gateway = await createTestGateway(overriding(jobService(lists), () => (hangs ? 'hang' : undefined)));
  const all = Object.keys(lists).map((key) => `${key}=${key}`);
  for (const keys of all) await follow(gateway, keys);
  await follow(gateway, all.join(', '));
  const { pollerOf } = Pollers.prototype;
  const watching = vi.spyOn(Pollers.prototype, 'pollerOf').mockImplementation(function (this: Pollers, key) {
    return watching.mock.calls.length > MANY ? SILENT : pollerOf.call(this, key);
  });
  onTestFinished(() => watching.mockRestore());

  hangs = true;
  for (let time = 0; time < 16; time += 1) {
    gateway.clock.advance(500);
    await arrive();
  }

  expect(watching.mock.calls.length).toBeLessThan(2 * all.length);
});

test('while keys are held, a stream shows nothing older than what the poll before has confirmed', async () => {
  let isHeld = false;
  let queuePosition = 3;
  const script = jobService({ 'alice-key': [], 'bob-key': [] });
  const gateway = await createTestGateway(
    overriding(script, ({ path }) => {
      if (isHeld) return refusal(429, 'Too many requests', { 'retry-after': '30' });
      return path === '/jobs/a:1' ? { body: { data: aJob('a:1', { queuePosition }) } } : undefined;
    }),
  );
  const pass = async (polls: number) => {
    for (let poll = 0; poll < polls; poll += 1) {
      await passTime(gateway, POLL_MS);
      await arrive();
    }
  };
  const team = 'alice=alice-key, bob=bob-key';
  const early = await follow(gateway, team);
  const other = early()[0]?.keys.includes('alice') ? 'bob-key' : 'alice-key';
  await pass(3);
  gateway.clock.advance(500);

  // For a moment the job has another place. Nobody but a query with the other key sees that.
  queuePosition = 5;
  await gateway.query('{ job(qrn: "a:1") { queuePosition } }', { key: other });
  queuePosition = 3;
  await pass(3);
  const late = await follow(gateway, team);
  isHeld = true;
  await pass(6);

  for (const shown of [early(), late()]) {
    const times = shown.map(({ fetchedAt }) => Date.parse(fetchedAt));
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(shown.map((each) => each.queuePosition)).not.toContain(5);
  }
});
