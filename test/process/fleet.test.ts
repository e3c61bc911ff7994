import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { ApiKey } from '../../src/auth/api-key.ts';
import type { Answer } from '../support/create-test-gateway.ts';
import { type EventStream, openStreamAt } from '../support/event-stream.ts';
import { type RawJob, someJobs } from '../support/job-builder.ts';
import { type JobLists, jobService } from '../support/job-service.ts';
import {
  FLEET_SIZE,
  type ProgramFleet,
  type ProgramReplica,
  startOverUpstream,
  startProgramFleet,
} from '../support/program-fleet.ts';
import { hasRedisServer, type RedisServer } from '../support/redis-server.ts';
import { startScriptedUpstream, type UpstreamRequest } from '../support/scripted-upstream.ts';
import { sendOperation } from '../support/send-operation.ts';

const NAME = 'A name that nobody may read';
const ANEW = { 'cache-control': 'no-cache' };
const FREELY = { RATE_LIMIT_REQUESTS: '100000', WATCH_MIN_INTERVAL_MS: '1000' };

/** How long a stream may say nothing after the replica that polled is gone. */
const SILENT_MS = 5000;

/** How long a busy machine may take until all have heard what one has read. */
const HEARD_MS = 50;

/** How soon after a refusal no replica shows anything of the key. */
const REFUSED_MS = 100;

/** The states of a job, which come again and again. */
const STATUSES = ['INITIALIZING', 'QUEUED', 'RUNNING'];

const isPossible = hasRedisServer();

const jobsChanged = 'subscription { jobsChanged(first: 2) { nodes { qrn status shots } } }';
const jobUpdated = (key: string) =>
  `subscription { jobUpdated(qrns: ["qbraid:job:${key}:0"]) { qrn status shots } }`;

describe.skipIf(!isPossible)(
  `four built programs over Redis${isPossible ? '' : ' (skipped: redis-server is not installed)'}`,
  () => {
    const lists: JobLists = {};
    const answer = jobService(lists);
    /** How long upstream takes for a key, before and after it reads the state. @default 0 to 25 ms each */
    const latencies: Record<string, readonly [beforeMs: number, afterMs: number]> = {};
    const keys: string[] = [];
    let fleet: ProgramFleet;

    beforeAll(async () => {
      fleet = await startProgramFleet(service, FREELY);
    });
    afterAll(() => fleet.close());

    /** Reads the state at any moment between the request and its answer. Answers overtake each other. */
    async function service(request: UpstreamRequest) {
      const [beforeMs, afterMs] = latencies[request.key ?? ''] ?? [Math.random() * 25, Math.random() * 25];
      await setTimeout(beforeMs);
      const reply = await answer(request);
      await setTimeout(afterMs);
      return reply;
    }

    /** Adds a user with so many jobs. */
    function addKey(count: number): string {
      const key = `key-${keys.length}-that-nobody-may-read`;
      keys.push(key);
      lists[key] = someJobs(count, `${key}:`, { name: NAME, shots: 1 });
      return key;
    }

    const qrnOf = (key: string, index: number) => `qbraid:job:${key}:${index}`;
    const replicaAt = (index: number) => fleet.replicas[index % FLEET_SIZE] as ProgramReplica;

    /** Changes the job at this place of a key's list. Its `shots` count how often. */
    function change(key: string, index: number, fields: object = {}): number {
      const jobs = lists[key] as RawJob[];
      const job = jobs[index] as RawJob;
      const shots = Number(job['shots']) + 1;
      const status = STATUSES[shots % STATUSES.length];
      const updatedAt = new Date(Date.UTC(2026, 1) + shots * 1000).toISOString();
      jobs[index] = { ...job, status, shots, updatedAt, ...fields };
      return shots;
    }

    // On a busy machine reads take long, and seem to wait for what others wait for.
    test('let a hundred tabs hardly ever wait for Redis, and ask no more than one program would', {
      retry: 2,
    }, async () => {
      await fleet.together(async () => {
        const key = addKey(30);
        const alone = await startScriptedUpstream(service);
        const one = await startOverUpstream(alone, FREELY);
        onTestFinished(async () => {
          one.program.signal('SIGKILL');
          await alone.close();
        });
        const queries = [
          '{ jobs(first: 20) { totalCount nodes { qrn status shots } } }',
          '{ jobs(first: 10, filter: { status: RUNNING }) { nodes { qrn status } } }',
          ...[0, 9, 25].map((index) => `{ job(qrn: "${qrnOf(key, index)}") { qrn status shots } }`),
        ];
        for (const { url } of [...fleet.replicas, one]) await sendOperation(url, key, queries[0] as string);
        const trips: number[] = [];
        const endMs = performance.now() + 8000;
        let turn = 0;
        async function openTab(index: number): Promise<void> {
          const query = queries[index % queries.length] as string;
          // What is read anew at the same time is no longer told apart.
          await setTimeout((index % queries.length) * 400 + Math.random() * 300);
          while (performance.now() < endMs) {
            const replica = replicaAt(turn);
            turn += 1;
            change(key, turn % 30);
            const beside = sendOperation(one.url, key, query);
            const startedAtMs = performance.now();
            const { errors } = await sendOperation(replica.url, key, query);
            // It waited for no more than what came back meanwhile, whoever had asked for that.
            trips.push(replica.link.repliesAtMs.filter((atMs) => atMs >= startedAtMs).length);
            expect([errors, (await beside).errors]).toEqual([undefined, undefined]);
            await setTimeout(1000 + Math.random() * 1000);
          }
        }
        await Promise.all(Array.from({ length: 100 }, (_, index) => openTab(index)));
        one.program.signal('SIGKILL');
        const shareOf = (isSuch: (count: number) => boolean) => trips.filter(isSuch).length / trips.length;
        expect(shareOf((count) => count === 0)).toBeGreaterThanOrEqual(0.9);
        expect(shareOf((count) => count > 2)).toBeLessThanOrEqual(0.01);
        // One more or less comes by chance.
        expect(fleet.askedAtMs(key).length).toBeLessThanOrEqual(1.1 * alone.requests.length + 1);
      });
    });

    test('show a job of a list that one has read without a request', async () => {
      await fleet.together(async () => {
        const key = addKey(10);
        await sendOperation(replicaAt(0).url, key, '{ jobs(first: 10) { nodes { qrn } } }');
        const job = `{ job(qrn: "${qrnOf(key, 5)}") { shots } }`;
        const answers = await Promise.all(fleet.replicas.map(({ url }) => sendOperation(url, key, job)));
        expect(answers.map(({ data }) => data.job.shots)).toEqual([1, 1, 1, 1]);
        expect(fleet.askedAtMs(key)).toHaveLength(1);
      });
    });

    test('never show an older state than any of them has shown', async () => {
      const direct = await startProgramFleet(service, FREELY, { isDirect: true });
      onTestFinished(() => direct.close());
      await direct.together(async () => {
        const key = addKey(2);
        const job = `{ job(qrn: "${qrnOf(key, 0)}") { status shots } }`;
        const reads: {
          readonly replica: number;
          readonly sentMs: number;
          readonly endMs: number;
          readonly shots: number;
        }[] = [];
        let isOver = false;
        async function read(query: string, headers = {}): Promise<void> {
          const replica = Math.floor(Math.random() * FLEET_SIZE);
          const sentMs = performance.now();
          const { data, errors } = await sendOperation(
            direct.replicas[replica]?.url ?? '',
            key,
            query,
            headers,
          );
          expect(errors).toBeUndefined();
          const { shots } = data.job ?? data.jobs.nodes[0];
          reads.push({ replica, sentMs, endMs: performance.now(), shots });
        }
        async function follow(): Promise<void> {
          while (!isOver) {
            await read(job, ANEW);
            await read(job);
            await read('{ jobs(first: 2) { nodes { status shots } } }');
          }
        }
        const following = Array.from({ length: 6 }, follow);
        const endMs = performance.now() + 4000;
        while (performance.now() < endMs) {
          await setTimeout(Math.random() * 20);
          change(key, 0);
        }
        const last = change(key, 0, { status: 'COMPLETED', cost: 1 });
        await setTimeout(500);
        isOver = true;
        await Promise.all(following);

        /** Reads that show less than another one had shown so long before they were sent. */
        const countOlder = (afterMs: number, isBeside: (a: number, b: number) => boolean) =>
          reads.filter(({ replica, sentMs, shots }) =>
            reads.some(
              (other) =>
                other.endMs <= sentMs - afterMs && other.shots > shots && isBeside(replica, other.replica),
            ),
          ).length;
        expect(countOlder(0, (a, b) => a === b)).toBe(0);
        expect(countOlder(HEARD_MS, () => true)).toBe(0);
        expect(countOlder(0, () => true)).toBeLessThanOrEqual(0.01 * reads.length);
        expect([reads.length > 100, reads.at(-1)?.shots]).toEqual([true, last]);
      });
    });

    test('show nothing of a key a moment after it was refused at one of them', async () => {
      await fleet.together(async () => {
        const key = addKey(3);
        const job = `{ job(qrn: "${qrnOf(key, 0)}") { shots } }`;
        const streams = await Promise.all(
          [jobUpdated(key), jobsChanged, jobUpdated(key)].map((query, index) =>
            openStreamAt(replicaAt(index + 1).url, query, { key }),
          ),
        );
        await Promise.all(streams.map((stream) => stream.next()));
        for (const { url } of fleet.replicas)
          expect((await sendOperation(url, key, job)).data.job.shots).toBe(1);
        delete lists[key];
        expect(codeOf(await sendOperation(replicaAt(0).url, key, job, ANEW))).toBe('UNAUTHENTICATED');
        await setTimeout(REFUSED_MS);
        const answers = await Promise.all(fleet.replicas.map(({ url }) => sendOperation(url, key, job)));
        expect(answers.map(codeOf)).toEqual(Array(FLEET_SIZE).fill('UNAUTHENTICATED'));
        for (const stream of streams) {
          expect(codeOf(await stream.next())).toBe('UNAUTHENTICATED');
          stream.cut();
        }
      });
    });

    test('go on with all streams when the one that polls for them is killed, up to the last state', async () => {
      const key = addKey(2);
      // Whoever polls is mostly killed while it reads.
      latencies[key] = [400, 0];
      const watches: Watch[] = [];
      for (const { url } of fleet.replicas) {
        for (const query of [jobUpdated(key), jobsChanged]) watches.push(await watch(url, key, query));
      }
      await until(() => watches.every(({ events }) => events.length > 0));
      const requests = fleet.replicas.map(({ upstream }) => upstream.requests.length);
      const isPolling = (index: number) =>
        (fleet.replicas[index]?.upstream.requests.length ?? 0) > (requests[index] ?? 0);
      const changing = setInterval(() => change(key, 0), 200);
      await until(() => fleet.replicas.some((_, index) => isPolling(index)));
      const killed = fleet.replicas.findIndex((_, index) => isPolling(index));
      replicaAt(killed).program.signal('SIGKILL');
      const killedAtMs = performance.now();
      const killedAt = change(key, 0);
      const left = watches.filter((_, index) => Math.floor(index / 2) !== killed);
      await until(() => left.every(({ events }) => (events.at(-1)?.shots ?? 0) >= killedAt));
      const firsts = left.map(
        ({ events }) => events.find(({ shots }) => shots >= killedAt)?.atMs ?? Number.NaN,
      );
      clearInterval(changing);
      const last = change(key, 0, { status: 'COMPLETED', cost: 1 });
      await until(() => left.every(({ events }) => events.at(-1)?.shots === last));
      for (const { stream } of left) stream.cut();
      expect(Math.max(...firsts) - killedAtMs).toBeLessThan(SILENT_MS);
      for (const { events } of left) {
        const told = events.map(({ shots }) => shots);
        expect(told).toEqual(told.toSorted((a, b) => a - b));
      }
    });

    test('hold nothing in Redis, and send nothing there, that tells of keys and jobs', async () => {
      const secrets = keys.flatMap((key) => {
        const { fingerprint } = new ApiKey(key);
        return [key, fingerprint, Buffer.from(fingerprint, 'hex').toString('latin1')];
      });
      const words = [...secrets, 'qbraid:job', 'qbraid:qbraid:sim', NAME, 'RUNNING', 'UNAUTHENTICATED'];
      const forms = words.flatMap(formsOf);
      const sent = fleet.replicas.flatMap(({ link }) => link.bytes);
      const kept = await readAll(fleet.redis);
      const found = forms.filter((form) => Buffer.concat([...sent, ...kept]).includes(form, 0, 'latin1'));
      expect(kept.length).toBeGreaterThan(keys.length);
      expect(found).toEqual([]);
      // What was looked through is what they share.
      const [name] = (await fleet.redis.run('KEYS', 'qgg1:*:log')) as string[];
      expect(Buffer.concat(sent).includes(String(name))).toBe(true);
    });
  },
);

/** The code of an answer that shows nothing of a job. */
function codeOf(answer: Answer | null): string {
  const { data, errors } = answer ?? {};
  const isEmpty = Object.values(data ?? {}).every((field) => field === null);
  return isEmpty ? String(errors?.[0]?.extensions.code) : 'no error alone';
}

/** A stream that is read all the time. */
interface Watch {
  readonly stream: EventStream;
  /** The changes of the job that it has told of, the latest last, and when: times of `performance.now`. */
  readonly events: { readonly shots: number; readonly atMs: number }[];
}

async function watch(url: string, key: string, query: string): Promise<Watch> {
  const stream = await openStreamAt(url, query, { key });
  const events: Watch['events'] = [];
  const read = async () => {
    for (let event = await stream.next(); event !== null; event = await stream.next()) {
      const { jobUpdated: job, jobsChanged: list } = event.data;
      events.push({ shots: (job ?? list.nodes[0]).shots, atMs: performance.now() });
    }
  };
  // The streams of a program that is killed break off.
  read().catch(() => {});
  return { stream, events };
}

/** The ways in which a text may stand in another one: also in hexadecimal, and in Base64 wherever that begins. */
function formsOf(text: string): readonly string[] {
  const bytes = Buffer.from(text, 'latin1');
  const inBase64 = [0, 1, 2].flatMap((shift) => {
    const shifted = Buffer.concat([Buffer.alloc(shift), bytes]);
    // Without what depends on its neighbours.
    return (['base64', 'base64url'] as const).map((form) => shifted.toString(form).slice(shift + 1, -4));
  });
  return [text, bytes.toString('hex'), bytes.toString('hex').toUpperCase(), ...inBase64];
}

/** All names and values. */
async function readAll(redis: RedisServer): Promise<readonly Buffer[]> {
  const names = (await redis.run('KEYS', '*')) as string[];
  const reads = {
    string: ['GET'],
    hash: ['HGETALL'],
    zset: ['ZRANGE', '0', '-1'],
    stream: ['XRANGE', '-', '+'],
  };
  const values = await Promise.all(
    names.map(async (name) => {
      const type = (await redis.run('TYPE', name)) as keyof typeof reads;
      const [command, ...args] = reads[type];
      return redis.run(command as string, name, ...args);
    }),
  );
  return [...names, ...values.map((value) => JSON.stringify(value))].map((text) => Buffer.from(text));
}

async function until(isReached: () => boolean): Promise<void> {
  while (!isReached()) await setTimeout(20);
}
