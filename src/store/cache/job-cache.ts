import { isFailure } from '../../jobs/failures.ts';
import { changedAtMs, isBehind, isSameJob, newerJob } from '../../jobs/job-progress.ts';
import type { FetchedJob } from '../../jobs/list-page.ts';
import type { Seq, Stamp } from '../../jobs/seq.ts';
import type { CancelStatus, Job } from '../../upstream/job.ts';
import type { UpstreamError } from '../../upstream/upstream-error.ts';
import type { Invalidations } from './invalidations.ts';
import type { PartitionVersions } from './partition-versions.ts';
import type { Cached, CacheSection, PartitionedCache, When } from './partitioned-cache.ts';

/** A job, or that the key may not see it or that there is none. */
export type JobOutcome = FetchedJob | UpstreamError;

/** What came of reading a job last. A reading that only confirms it is noted in place. */
export interface CachedJob extends Cached<JobOutcome> {
  /** Where it stood in the key's unfiltered list, if it was seen there. */
  readonly offset: number | null;
  readonly bytes: number;
}

/** What the cache itself has of a job. */
interface Entry extends CachedJob {
  value: JobOutcome;
  askedSeq: Seq;
  read: Stamp;
  /** When upstream changed the job last, as far as any reading told; 0 where none did. */
  readonly changedAtMs: number;
  /** When the entry was put into the cache, where its lifetime began, by `Clock.now`. */
  readonly keptAtMs: number;
}

/** An entry that is confirmed in place is put into the cache again after so long, so that its lifetime begins anew. */
const RENEW_MS = 60_000;

/** What a job takes besides what may be large in it, in bytes. */
const JOB_BYTES = 800;

/** The jobs that were read, by name. What a list page tells of a job is kept here, too. */
export class JobCache {
  readonly #jobs: CacheSection<Entry>;
  readonly #versions: PartitionVersions;
  readonly #invalidations: Invalidations;

  constructor(cache: PartitionedCache) {
    this.#versions = cache.versions;
    this.#invalidations = cache.invalidations;
    this.#jobs = cache.section(({ bytes }) => bytes);
  }

  /** What is known of a job. Nothing that was asked for before a client changed it. */
  lookup(partition: number, qrn: string): CachedJob | null {
    const known = this.#jobs.get(partition, qrn);
    return known !== null && known.askedSeq > this.#invalidations.ofJob(partition, qrn).seq ? known : null;
  }

  /**
   * Keeps what came of reading a job, and gives what stands now: an earlier answer may know better, also one of before a
   * client changed the job.
   *
   * @param offset Where the job stands in the key's unfiltered list: null where the answer does not say.
   */
  keep(
    partition: number,
    qrn: string,
    answer: Job | UpstreamError,
    when: When,
    offset: number | null = null,
  ): CachedJob {
    const known = this.#jobs.get(partition, qrn);
    const change = this.#invalidations.ofJob(partition, qrn);
    const outcome = isFailure(answer) ? answer : { job: answer, fetched: when.read };
    const incoming = atLeast(change.status, outcome);
    const isHidden = known !== null && known.askedSeq <= change.seq;
    const isOvertaken = known !== null && !isHidden && known.read.seq > when.askedSeq;
    if (known !== null && !isOvertaken && confirm(known, incoming, when, offset)) {
      this.#versions.confirmed(partition);
      return known;
    }
    const stands = known !== null && isStanding(known, incoming, isOvertaken);
    const { value, read, bytes } = stands
      ? known
      : { value: incoming, read: when.read, bytes: jobBytes(answer) };
    const { askedSeq } = stands && !isHidden ? known : when;
    const cached: Entry = {
      value: atLeast(change.status, value),
      askedSeq,
      read,
      bytes,
      offset: offset ?? known?.offset ?? null,
      changedAtMs: Math.max(known?.changedAtMs ?? 0, isFailure(answer) ? 0 : changedAtMs(answer)),
      keptAtMs: when.read.atMs,
    };
    this.#put(partition, qrn, cached, known, stands);
    return cached;
  }

  #put(partition: number, qrn: string, cached: Entry, known: Entry | null, keepsLifetime: boolean): void {
    // A later reading may have been shown, and evicted: who asked for this one gets it, and nobody else.
    if (known === null && cached.askedSeq < this.#versions.evictedSeqOf(partition)) return;
    this.#jobs.set(partition, qrn, cached, { keepsLifetime });
    if (known === null || isSameOutcome(known.value, cached.value)) this.#versions.confirmed(partition);
    else this.#versions.changed(partition);
  }
}

/**
 * Notes in an entry that the same job was read again. The job stays the same object, so that what was made of it serves again.
 * Returns whether that was all.
 */
function confirm(known: Entry, incoming: JobOutcome, when: When, offset: number | null): boolean {
  if (isFailure(known.value) || isFailure(incoming)) return false;
  const isInPlace = offset === null || offset === known.offset;
  if (!isInPlace || when.read.atMs - known.keptAtMs > RENEW_MS) return false;
  const { job } = known.value;
  if (job !== incoming.job && !isSameJob(job, incoming.job)) return false;
  known.value = { job, fetched: when.read };
  known.askedSeq = when.askedSeq;
  known.read = when.read;
  return true;
}

/** An outcome, but of a job no less cancelled than upstream has said: the reading lags behind. */
function atLeast(status: CancelStatus | null, outcome: JobOutcome): JobOutcome {
  if (status === null || isFailure(outcome)) return outcome;
  if (!isBehind(outcome.job.status, status)) return outcome;
  // It does not wait any more.
  return { ...outcome, job: { ...outcome.job, status, queuePosition: null } };
}

/** Whether a client sees no difference between two outcomes. */
export function isSameOutcome(a: JobOutcome, b: JobOutcome): boolean {
  if (isFailure(a) || isFailure(b)) return a === b;
  return a.job === b.job || isSameJob(a.job, b.job);
}

/** Whether what is known of a job outlives an answer. An answer that was asked for too early proves nothing. */
function isStanding(known: Entry, incoming: JobOutcome, isOvertaken: boolean): boolean {
  if (isFailure(known.value) || isFailure(incoming)) return isOvertaken;
  // What is known may be a reading that does not say when, and may have followed one that did.
  const changedMs = changedAtMs(incoming.job);
  const tellsOlderChange = changedMs > 0 && changedMs < known.changedAtMs;
  return newerJob(known.value, incoming, isOvertaken || tellsOlderChange) === known.value;
}

/** Roughly what an answer about a job takes: its many small fields, and those that may be large. */
export function jobBytes(answer: Job | UpstreamError): number {
  if (isFailure(answer)) return JOB_BYTES;
  const { tags, runtimeOptions, metadata, name, statusMsg } = answer;
  return JOB_BYTES + 2 * JSON.stringify([tags, runtimeOptions, metadata, name, statusMsg]).length;
}
