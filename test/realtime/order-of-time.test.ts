import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Answer } from '../support/create-test-gateway.ts';
import { openStreamAt } from '../support/event-stream.ts';
import { aJob, type RawJob } from '../support/job-builder.ts';
import { type JobLists, jobService, refusal } from '../support/job-service.ts';
import type { UpstreamScript } from '../support/scripted-upstream.ts';
import { startTestGateway } from '../support/start-test-gateway.ts';

/** How long the test goes on: see `real-clock.test.ts`. */
const RUN_MS = 1000 * Number(process.env['REALTIME_SECONDS'] ?? 6);

/** How long an event may be on its way to a client, in milliseconds, while an answer that was made later overtakes it. */
const SLACK_MS = 250;

const KEYS = ['alice', 'bob', 'carol'];
const QRNS = Array.from({ length: 12 }, (_, index) => `a:${index}`);
const FIELDS = 'qrn shots tags keys';

const any = <T>(items: readonly T[]): T => items[Math.floor(Math.random() * items.length)] as T;
const some = <T>(items: readonly T[]): T[] => {
  const [first, ...others] = items.toSorted(() => Math.random() - 0.5);
  return [first as T, ...others.filter(() => Math.random() < 0.5)];
};

/** An upstream of which each key sees most jobs, as they are at any moment of a slow exchange. Their `shots` count their changes. */
function createSharedService() {
  const lists: JobLists = Object.fromEntries(KEYS.map((key) => [key, []]));
  let changes = 0;
  const show = (key: string, job: RawJob): RawJob => ({ ...job, tags: { viewer: key } });
  for (const [index, qrn] of QRNS.entries()) {
    for (const key of new Set([...some(KEYS), any(KEYS)]))
      lists[key]?.push(show(key, aJob(qrn, { shots: 1, createdAt: timeAt(index) })));
  }
  const answer = jobService(lists);
  const script: UpstreamScript = async (request) => {
    // Once in a while a key is so slow that others are asked as well.
    const wholeMs = Math.random() < 0.02 ? 2500 : Math.random() * 150;
    const beforeMs = Math.random() * wholeMs;
    await setTimeout(beforeMs);
    const reply = Math.random() < 0.03 ? refusal(503, 'Down.') : await answer(request);
    await setTimeout(wholeMs - beforeMs);
    return reply;
  };
  return {
    script,
    change() {
      changes += 1;
      const qrn = any(QRNS);
      const changed = { status: any(['RUNNING', 'QUEUED', 'HOLD']), updatedAt: timeAt(changes) };
      for (const jobs of Object.values(lists)) {
        const index = jobs.findIndex(({ jobQrn }) => jobQrn === qrn);
        const job = jobs[index];
        if (job !== undefined) jobs[index] = { ...job, ...changed, shots: Number(job['shots']) + 1 };
      }
    },
  };
}

function timeAt(second: number): string {
  return new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString();
}

interface SeenJob {
  readonly qrn: string;
  readonly shots: number;
  readonly tags: { readonly viewer: string };
  readonly keys: readonly string[];
}

/** All jobs of an answer, wherever they stand. */
function jobsIn(value: unknown): readonly SeenJob[] {
  if (typeof value !== 'object' || value === null) return [];
  return 'shots' in value ? [value as SeenJob] : Object.values(value).flatMap(jobsIn);
}

/** Judges that no job is shown as it was before one of the keys of a client has shown it, to whomever. */
function createJudge() {
  /** What was shown of a job as a key sees it, by both: each later state of it when it was shown for the first time. */
  const shown = new Map<string, { atMs: number; shots: number }[]>();
  const faults: string[] = [];
  const latest = (key: string, qrn: string, beforeMs: number) =>
    Math.max(
      0,
      ...(shown.get(`${key} ${qrn}`) ?? []).filter(({ atMs }) => atMs < beforeMs).map(({ shots }) => shots),
    );
  const judge = (keys: readonly string[], job: SeenJob, what: string, sinceMs: number) => {
    const { qrn, shots, tags } = job;
    const { viewer } = tags;
    if (!keys.includes(viewer) || !job.keys.includes(viewer)) faults.push(`${keys} saw ${qrn} of ${viewer}`);
    for (const key of keys) {
      const before = latest(key, qrn, sinceMs);
      if (shots < before)
        faults.push(`${what} with ${keys}: ${qrn} as ${shots} of ${viewer}, after ${before} of ${key}`);
    }
  };
  return {
    faults,
    /** Takes what a client with these keys was shown. What was shown before `sinceMs` must not be taken back. Returns how many jobs. */
    see(keys: readonly string[], answer: Answer, what: string, sinceMs: number): number {
      const jobs = jobsIn(answer.data);
      for (const job of jobs) judge(keys, job, what, sinceMs);
      for (const { qrn, shots, tags } of jobs) {
        const name = `${tags.viewer} ${qrn}`;
        const before = shown.get(name) ?? [];
        if (shots > (before.at(-1)?.shots ?? 0)) before.push({ atMs: performance.now(), shots });
        shown.set(name, before);
      }
      return jobs.length;
    },
  };
}

/** What clients ask: often the same, so that answers are kept, and sometimes anything. */
const QUERIES: readonly (() => string)[] = [
  () => `{ job(qrn: "${any(QRNS)}") { ${FIELDS} } }`,
  () =>
    `{ ${some(QRNS)
      .map((qrn, index) => `a${index}: job(qrn: "${qrn}") { ${FIELDS} }`)
      .join(' ')} }`,
  () => `{ jobs(first: ${any([2, 5, 20])}) { totalCount nodes { ${FIELDS} } } }`,
  () => `{ jobs(first: 20, filter: { status: RUNNING }) { nodes { ${FIELDS} } } }`,
];
const STREAMS: readonly (() => string)[] = [
  () => `subscription { jobUpdated(qrns: ${JSON.stringify(some(QRNS))}) { ${FIELDS} } }`,
  () => `subscription { jobsChanged(first: ${any([2, 20])}) { nodes { ${FIELDS} } } }`,
];

const asKeys = (keys: readonly string[]) => keys.map((key) => `${key}=${key}`).join();

test('no query and no stream shows a job as it was before one of its keys has shown it', {
  timeout: RUN_MS + 60_000,
}, async (context) => {
  const service = createSharedService();
  const gateway = await startTestGateway(context, service.script, {
    RATE_LIMIT_REQUESTS: '1000000',
    WATCH_MIN_INTERVAL_MS: '500',
  });
  const judge = createJudge();
  const endMs = performance.now() + RUN_MS;
  const isOver = () => performance.now() > endMs;
  const seen = { queries: 0, events: 0 };

  const change = async () => {
    for (; !isOver(); await setTimeout(25)) service.change();
  };
  const ask = async () => {
    for (; !isOver(); await setTimeout(Math.random() * 60)) {
      const keys = some(KEYS);
      const query = any(QUERIES)();
      const startedAtMs = performance.now();
      const headers: Record<string, string> = Math.random() < 0.1 ? { 'cache-control': 'no-cache' } : {};
      const answer = await gateway.query(query, { keys: asKeys(keys), headers });
      seen.queries += judge.see(keys, answer, query, startedAtMs);
    }
  };
  const watch = async () => {
    while (!isOver()) {
      const keys = some(KEYS);
      const query = any(STREAMS)();
      const stream = await openStreamAt(gateway.url, query, { keys: asKeys(keys) });
      const leaving = setTimeout(500 + Math.random() * 3000).then(stream.cut);
      const readOn = async () => {
        for (let answer = await stream.next(); answer !== null; answer = await stream.next()) {
          seen.events += judge.see(keys, answer, query, performance.now() - SLACK_MS);
        }
      };
      await readOn().catch(() => {});
      await leaving;
    }
  };
  await Promise.all([change(), ...Array.from({ length: 8 }, ask), ...Array.from({ length: 4 }, watch)]);

  expect(judge.faults).toEqual([]);
  expect([seen.queries > 100, seen.events > 20]).toEqual([true, true]);
});
