import { duringExchange } from './during-exchange.ts';
import { aJob, type RawJob } from './job-builder.ts';
import { type JobLists, jobService, refusal } from './job-service.ts';
import type { UpstreamRequest, UpstreamScript } from './scripted-upstream.ts';

export interface ChangingServiceOptions {
  /** The jobs of each key, the newest first. */
  readonly lists: Readonly<Record<string, readonly RawJob[]>>;
  /** How long an answer takes: any time between these, in milliseconds. */
  readonly latencyMs: readonly [least: number, most: number];
  /** Each request whose number is a multiple of this fails with 503. @default none */
  readonly failsEvery?: number;
}

/** An upstream whose jobs change, and whose answers take their time and overtake each other. It knows the truth. */
export interface ChangingService {
  readonly script: UpstreamScript;
  /** The jobs of a key as they are now, the newest first. */
  jobsOf(key: string): readonly RawJob[];
  /** Changes a job. Its `shots` count how often. */
  change(key: string, index: number): void;
  /** Submits a job at the head of a key's list. */
  submit(key: string): void;
  /** How many requests came with a key. */
  asked(key: string): number;
}

/** Makes an upstream whose times are random. */
export function createChangingService(options: ChangingServiceOptions): ChangingService {
  const { latencyMs, failsEvery = Number.POSITIVE_INFINITY } = options;
  const lists: JobLists = Object.fromEntries(
    Object.entries(options.lists).map(([key, jobs]) => [key, jobs.map((job) => ({ ...job, shots: 1 }))]),
  );
  const answer = jobService(lists);
  const requests: UpstreamRequest[] = [];
  let submitted = 0;

  return {
    script(request) {
      const isFailing = requests.push(request) % failsEvery === 0;
      const [least, most] = latencyMs;
      const wholeMs = least + Math.random() * (most - least);
      return duringExchange(wholeMs, () => (isFailing ? refusal(503, 'Down.') : answer(request)));
    },
    jobsOf: (key) => lists[key] ?? [],
    change(key, index) {
      const jobs = lists[key] ?? [];
      const job = jobs[index];
      if (job !== undefined) jobs[index] = { ...job, shots: Number(job['shots']) + 1 };
    },
    submit(key) {
      submitted += 1;
      const createdAt = new Date().toISOString();
      const timeStamps = { createdAt, endedAt: null, executionDuration: null };
      lists[key]?.unshift(aJob(`${key}:new:${submitted}`, { shots: 1, timeStamps }));
    },
    asked: (key) => requests.filter((request) => request.key === key).length,
  };
}
