import { aJob, type RawJob } from '../support/job-builder.ts';
import type { JobLists } from '../support/job-service.ts';

/** What a client saw of a job. */
export interface SeenJob {
  readonly qrn: string;
  readonly shots: number;
}

/** When a client asked and was answered, and whether the answer says that it is stale. Times of `performance.now`. */
export interface Sight {
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly isStale: boolean;
}

/** Ordinary freshness, the slowest answer of upstream, and what a busy machine adds. */
const MAX_AGE_MS = 2000 + 1000 + 2500;

/** The same while upstream is in trouble. */
const MAX_STALE_MS = MAX_AGE_MS + 20_000;

/** How long a 429 is felt: its `Retry-After`, and what a busy machine adds. */
const HOLD_MS = 1000 + 2500;

/**
 * The jobs of each key as they are and as they were. `shots` counts the changes of a job; a list only grows, at its head.
 * It judges what clients see.
 */
export class Truth {
  /** What upstream serves now. */
  readonly lists: JobLists = {};
  readonly faults: string[] = [];
  /** When each value of a job began, by name. */
  readonly #history = new Map<string, number[]>();
  /** When a 429 was last sent to a key. */
  readonly #heldAtMs = new Map<string, number>();

  constructor(keys: readonly string[], jobsOfEach: number) {
    for (const key of keys) {
      this.lists[key] = [];
      for (let count = 0; count < jobsOfEach; count += 1) this.submit(key);
    }
  }

  /** Submits a job at the head of a key's list. */
  submit(key: string): void {
    const list = this.#listOf(key);
    const qrn = `${key}:job:${list.length}`;
    const createdAt = new Date(Date.UTC(2026, 0, 1) + this.#history.size * 1000).toISOString();
    list.unshift(aJob(qrn, { shots: 1, timeStamps: { createdAt, endedAt: null, executionDuration: null } }));
    this.#history.set(qrn, [performance.now()]);
  }

  /** Changes one of a key's jobs. */
  change(key: string, index: number): void {
    const list = this.#listOf(key);
    const job = list[index % list.length];
    if (job === undefined) return;
    list[index % list.length] = { ...job, shots: Number(job['shots']) + 1 };
    this.#history.get(job.jobQrn)?.push(performance.now());
  }

  /** The names of a key's jobs now, the newest first. */
  namesOf(key: string): readonly string[] {
    return this.#listOf(key).map(({ jobQrn }) => jobQrn);
  }

  /** The value of a job now. */
  shotsOf(qrn: string): number {
    return this.#history.get(qrn)?.length ?? 0;
  }

  /** A key was told to wait: what is cached is shown until then, however old it is. */
  hold(key: string): void {
    this.#heldAtMs.set(key, performance.now());
  }

  #maxAgeMs(keys: readonly string[], { startedAtMs, isStale }: Sight): number {
    if (!isStale) return MAX_AGE_MS;
    const isHeld = keys.some((key) => startedAtMs - (this.#heldAtMs.get(key) ?? -Infinity) < HOLD_MS);
    return isHeld ? Number.POSITIVE_INFINITY : MAX_STALE_MS;
  }

  /** Judges jobs that were seen with some keys: whose they are, and how old. */
  judgeJobs(keys: readonly string[], jobs: readonly SeenJob[], sight: Sight): void {
    for (const { qrn, shots } of jobs) {
      const begins = this.#history.get(qrn);
      if (begins === undefined || !keys.some((key) => qrn.startsWith(`${key}:`))) {
        this.faults.push(`${keys.join()} saw ${qrn}`);
        continue;
      }
      const begunAtMs = begins[shots - 1] ?? Number.POSITIVE_INFINITY;
      const endedAtMs = begins[shots] ?? Number.POSITIVE_INFINITY;
      if (begunAtMs > sight.endedAtMs) this.faults.push(`${qrn} was seen before it was ${shots}`);
      if (endedAtMs < sight.startedAtMs - this.#maxAgeMs(keys, sight)) {
        const ageMs = Math.round(sight.startedAtMs - endedAtMs);
        const how = sight.isStale ? 'as stale' : 'as fresh';
        this.faults.push(`${qrn} was ${shots} until ${ageMs} ms before it was asked for, and shown ${how}`);
      }
    }
  }

  /** Judges a page from the head of a key's list: without gaps, and as long ago as its total says. */
  judgePage(key: string, qrns: readonly string[], total: number): void {
    const names = this.namesOf(key);
    const expected = names.slice(names.length - total).slice(0, qrns.length);
    if (qrns.join() !== expected.join()) this.faults.push(`${key} saw ${qrns} of ${total}, not ${expected}`);
  }

  /** Judges a walk through a list: what was there at its start, each once. */
  judgeWalk(key: string, seen: readonly string[], atStart: readonly string[]): void {
    const own = new Set(seen);
    const missing = atStart.filter((qrn) => !own.has(qrn));
    if (missing.length > 0 || own.size !== seen.length) {
      this.faults.push(`${key} walked past ${missing}, and saw ${seen.length - own.size} twice`);
    }
  }

  #listOf(key: string): RawJob[] {
    const list = this.lists[key];
    if (list === undefined) throw new Error(`There is no key ${key}.`);
    return list;
  }
}
