import { setImmediate } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { ApiKey, type Credential } from '../../src/auth/api-key.ts';
import type { ConflatingStream } from '../../src/live/conflating-stream.ts';
import { Pollers } from '../../src/live/pollers.ts';
import type { JobUpdate } from '../../src/live/watch-job.ts';
import { watchJobs } from '../../src/live/watch-jobs.ts';
import type { ReadOutcome } from '../../src/store/read-jobs.ts';
import { UpstreamError } from '../../src/upstream/upstream-error.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { aReading, scriptedStore } from '../support/scripted-store.ts';

const INTERVAL_MS = 2000;
const QRNS = ['a:1', 'a:2', 'a:3'];
const UNAVAILABLE = new UpstreamError('unavailable', 'Down.');
const NOT_FOUND = new UpstreamError('not-found', 'No such job.');
const REFUSED = new UpstreamError('unauthenticated', 'Refused.');

const credentialOf = (label: string): Credential => ({ label, key: new ApiKey(`${label}-key`) });
const ALICE = credentialOf('alice');
const BOB = credentialOf('bob');

type Stream = ReturnType<typeof watchJobs>;

/** Streams of one process. Each key gives what the test says: a job that it says nothing of is running. */
function openWorld(credentials: readonly Credential[] = [ALICE]) {
  const clock = createFakeClock();
  const told = new Map<string, ReadOutcome>();
  const hangs = new Map<string, Promise<void>>();
  let changes = 0;
  let likeliest = 0;
  const idOf = ({ fingerprint }: ApiKey, qrn: string) => `${fingerprint} ${qrn}`;
  const store = scriptedStore(
    async (key, qrns) => {
      await Promise.all(qrns.map((qrn) => hangs.get(qrn)));
      return qrns.map((qrn) => told.get(idOf(key, qrn)) ?? aReading(qrn, 0, { queuePosition: 0 }));
    },
    { lastToSee: () => credentials[likeliest] ?? null },
  );
  const limits = { minIntervalMs: INTERVAL_MS, maxIntervalMs: 15_000 };
  const pollers = new Pollers({ store, clock, limits, random: () => 0.5 });
  return {
    clock,
    pollers,
    /** Says which key a job was seen with last. */
    prefer(credential: Credential) {
      likeliest = credentials.indexOf(credential);
    },
    watch: (qrns: readonly string[] = QRNS): Stream =>
      watchJobs(qrns, { pollers, clock, credentials, client: '' }),
    /** Says what a key gives for a job from now on. Its place in the queue tells how many changes there were. */
    tell({ key }: Credential, qrn: string, outcome: object | UpstreamError) {
      changes += 1;
      const isError = outcome instanceof UpstreamError;
      const reading = isError ? outcome : aReading(qrn, changes, { ...outcome, queuePosition: changes });
      told.set(idOf(key, qrn), reading);
    },
    /** Lets all that asks for a job hang. Returns what lets it go on. */
    hang(qrn: string): () => void {
      let goOn = () => {};
      hangs.set(
        qrn,
        new Promise((resolve) => {
          goOn = resolve;
        }),
      );
      return () => {
        hangs.delete(qrn);
        goOn();
      };
    },
    async pass(ms = INTERVAL_MS) {
      clock.advance(ms);
      await setImmediate();
    },
  };
}

function toText(update: JobUpdate | undefined): string {
  if (update === undefined) return 'complete';
  if (update instanceof Error) return update.message;
  const { qrn, status, queuePosition, cost } = update.job;
  return [qrn, status, queuePosition, cost, ...update.keys].join(' ');
}

/** Reads a stream as a client does that always reads. */
function readAll(stream: Stream): readonly string[] {
  const texts: string[] = [];
  const readOn = async () => {
    for await (const update of stream) texts.push(toText(update));
    texts.push('complete');
  };
  void readOn();
  return texts;
}

/** How many sets watch a job: while it changes, each of them makes it up to be shown. */
async function setsOf({ pollers, tell, pass }: ReturnType<typeof openWorld>): Promise<number> {
  const viewOf = vi.spyOn(pollers, 'viewOf');
  for (const credential of [ALICE, BOB]) tell(credential, 'a:2', { status: 'QUEUED' });
  await pass();
  return viewOf.mock.calls.length;
}

describe('streams over the same jobs with the same keys', () => {
  test('are one set of watches, once each has shown its jobs', async () => {
    const world = openWorld();
    const shown = Array.from({ length: 10 }, () => readAll(world.watch()));
    await world.pass();
    shown.push(readAll(world.watch()));
    await world.pass();
    expect(await setsOf(world)).toBe(1);
    for (const texts of shown) expect(texts.slice(3)).toEqual(['a:2 QUEUED 1  alice']);
  });

  test('stay one when the stream leaves that was first', async () => {
    const world = openWorld();
    const first = world.watch();
    readAll(first);
    await world.pass();
    const shown = [readAll(world.watch()), readAll(world.watch())];
    await world.pass();
    await first.return?.();
    expect(await setsOf(world)).toBe(1);
    for (const texts of shown) expect(texts.slice(3)).toEqual(['a:2 QUEUED 1  alice']);
  });

  test('are one where a job of theirs has ended, whether before or after they began', async () => {
    const world = openWorld();
    const early = readAll(world.watch());
    await world.pass();
    world.tell(ALICE, 'a:1', { status: 'COMPLETED', cost: 1 });
    await world.pass();
    const late = readAll(world.watch());
    await world.pass();
    expect(await setsOf(world)).toBe(1);
    expect([early.slice(3), late]).toEqual([
      ['a:1 COMPLETED 1 1 alice', 'a:2 QUEUED 2  alice'],
      ['a:2 RUNNING 0  alice', 'a:3 RUNNING 0  alice', 'a:1 COMPLETED 1 1 alice', 'a:2 QUEUED 2  alice'],
    ]);
  });

  test('are one from the beginning, where one has shown its jobs', async () => {
    const world = openWorld();
    readAll(world.watch());
    await world.pass();
    const pollerOf = vi.spyOn(world.pollers, 'pollerOf');
    const late = readAll(world.watch());
    await world.pass(0);
    expect(pollerOf).not.toHaveBeenCalled();
    expect(late).toEqual(QRNS.map((qrn) => `${qrn} RUNNING 0  alice`));
  });

  test('show a job that one of them still waits for, also after they have become one with others', async () => {
    const world = openWorld();
    readAll(world.watch(['a:1']));
    const early = readAll(world.watch(['a:1', 'a:2']));
    await world.pass();
    const goOn = world.hang('a:1');
    const late = readAll(world.watch(['a:1', 'a:2']));
    await world.pass();
    world.tell(ALICE, 'a:2', { status: 'COMPLETED', cost: 1 });
    await world.pass(3000);
    goOn();
    await world.pass(0);
    const ended = 'a:2 COMPLETED 1 1 alice';
    expect([early.slice(2), late]).toEqual([[ended], [ended, 'a:1 RUNNING 0  alice']]);
  });

  test('of which one has not shown all of its jobs are not one', async () => {
    const world = openWorld();
    world.tell(ALICE, 'a:3', UNAVAILABLE);
    readAll(world.watch());
    readAll(world.watch());
    await world.pass();
    expect(await setsOf(world)).toBe(2);
  });

  test('leave nothing behind', async () => {
    const world = openWorld();
    const streams = Array.from({ length: 5 }, () => world.watch());
    streams.map(readAll);
    await world.pass();
    const { size } = world.pollers.jobSets;
    for (const stream of streams) await stream.return?.();
    expect([size, world.pollers.jobSets.size, world.pollers.size]).toEqual([1, 0, 0]);
  });
});

describe('streams that may come to show something else are not one set:', () => {
  test.each([
    ['other jobs', ['a:2', 'a:1']],
    ['jobs in another order', ['a:3', 'a:2', 'a:1']],
  ])('those of %s', async (_, qrns) => {
    const world = openWorld();
    readAll(world.watch());
    readAll(world.watch(qrns));
    await world.pass();
    expect(await setsOf(world)).toBe(2);
  });

  test('those that see a job with different keys', async () => {
    const world = openWorld([ALICE, BOB]);
    readAll(world.watch());
    await world.pass();
    world.prefer(BOB);
    readAll(world.watch());
    await world.pass();
    expect(await setsOf(world)).toBe(2);
  });

  test('one that has asked a key in vain, and one that would ask it', async () => {
    const world = openWorld([ALICE, BOB]);
    world.tell(ALICE, 'a:1', NOT_FOUND);
    const early = readAll(world.watch(['a:1']));
    await world.pass();
    world.prefer(BOB);
    const late = readAll(world.watch(['a:1']));
    await world.pass();
    world.tell(ALICE, 'a:1', { status: 'QUEUED' });
    world.tell(BOB, 'a:1', NOT_FOUND);
    await world.pass();
    await world.pass();
    expect([early, late]).toEqual([
      ['a:1 RUNNING 0  bob', 'No such job.', 'complete'],
      ['a:1 RUNNING 0  bob', 'a:1 QUEUED 2  alice'],
    ]);
  });

  test('one whose key was refused, and one that sees its job with that key since', async () => {
    const world = openWorld([ALICE, BOB]);
    const early = readAll(world.watch(['a:1', 'a:2']));
    await world.pass();
    for (const qrn of QRNS) world.tell(ALICE, qrn, REFUSED);
    await world.pass();
    for (const qrn of QRNS) world.tell(ALICE, qrn, { status: 'RUNNING' });
    const late = readAll(world.watch(['a:1', 'a:2']));
    await world.pass();
    world.tell(ALICE, 'a:1', { status: 'QUEUED' });
    await world.pass();
    expect([early, late]).toEqual([
      ['a:1 RUNNING 0  alice', 'a:2 RUNNING 0  alice', 'a:1 RUNNING 0  bob', 'a:2 RUNNING 0  bob'],
      ['a:1 RUNNING 4  alice', 'a:2 RUNNING 5  alice', 'a:1 QUEUED 7  alice'],
    ]);
  });

  test('one that has waited for the cost of a job, and one that has just begun to wait', async () => {
    const world = openWorld();
    const early = readAll(world.watch(['a:1']));
    world.tell(ALICE, 'a:1', { status: 'COMPLETED' });
    await world.pass();
    await world.pass(45_000);
    const late = readAll(world.watch(['a:1']));
    await world.pass();
    await world.pass(20_000);
    world.tell(ALICE, 'a:1', { status: 'COMPLETED', cost: 1 });
    await world.pass(15_000);
    await world.pass(15_000);
    expect([early, late]).toEqual([
      ['a:1 COMPLETED 1  alice', 'complete'],
      ['a:1 COMPLETED 1  alice', 'a:1 COMPLETED 2 1 alice', 'complete'],
    ]);
  });
});

test('a set whose last stream leaves as it is told that a job is over waits for nothing', async () => {
  const { watch, tell, pass, clock } = openWorld();
  const stream = watch(['a:1']) as ConflatingStream<JobUpdate>;
  tell(ALICE, 'a:1', { status: 'COMPLETED' });
  stream.listen(() => {
    if (!stream.isClosed) void stream.return();
  });
  await pass();
  expect(clock.pending).toBe(0);
});
