import type { ApiKey } from '../auth/api-key.ts';
import { isFailure, isRefusal } from '../jobs/failures.ts';
import { isSameJob, isTerminal } from '../jobs/job-progress.ts';
import type { FetchedJob } from '../jobs/list-page.ts';
import type { Clock } from '../lib/clock.ts';
import { GatewayError } from '../lib/gateway-error.ts';
import { OperationBudget } from '../store/admission/operation-budget.ts';
import type { Outcome } from '../store/job-reader.ts';
import type { JobStore } from '../store/job-store.ts';
import type { PollLimits, PollTimer } from './poll-timer.ts';

export interface KeyPollerOptions {
  readonly store: JobStore;
  readonly clock: Clock;
  readonly limits: PollLimits;
  /** The key to poll with. */
  readonly key: ApiKey;
  /** Says when to poll. */
  readonly timer: PollTimer;
  /** Called when the last subscriber has left. The poller has then ended for good. */
  readonly onIdle: () => void;
}

/** Is given what became of a watched job: its state, or the error after which it is watched no more. */
export type JobSubscriber = (update: Outcome) => void;

interface WatchedJob {
  readonly qrn: string;
  known: FetchedJob | null;
  /** What each subscriber was told last. */
  readonly subscribers: Map<JobSubscriber, FetchedJob['job'] | null>;
  polledAtMs: number;
  isBeingPolled: boolean;
  /** Whether the last poll failed for the moment, or there was none yet. */
  hasFailed: boolean;
}

/** Jobs that no list holds are read one by one: of all, only so many at each poll, and never more than `MAX_READS`. */
const SHARE_READ_SINGLY = 0.1;
const MAX_READS = 20;

/** How many jobs that were never seen are read one by one at once. */
const MAX_FIRST_READS = 60;

const NEVER_MS = Number.NEGATIVE_INFINITY;

/**
 * Watches jobs with one key for all who want to know: one poll of all of them, again and again, as long as somebody
 * listens. What fails for the moment is no update: the next poll may find better.
 */
export class KeyPoller {
  readonly #options: KeyPollerOptions;
  readonly #jobs = new Map<string, WatchedJob>();
  /** Aborts when the poller ends. */
  readonly #ending = new AbortController();
  #unsubscribeFromTimer: (() => void) | null = null;
  #isPollingNewcomers = false;

  constructor(options: KeyPollerOptions) {
    this.#options = options;
  }

  /**
   * Tells the subscriber of a job as it is now, once that is known, and whenever it changes: never before this returns.
   * Returns what ends that.
   */
  watchJob(qrn: string, subscriber: JobSubscriber): () => void {
    const job = this.#jobs.get(qrn) ?? this.#addJob(qrn);
    job.subscribers.set(subscriber, null);
    this.#pollNewcomers();
    return () => {
      job.subscribers.delete(subscriber);
      if (job.subscribers.size === 0) this.#drop(job);
      this.#endIfIdle();
    };
  }

  #addJob(qrn: string): WatchedJob {
    const job = {
      qrn,
      known: null,
      subscribers: new Map(),
      polledAtMs: NEVER_MS,
      isBeingPolled: false,
      hasFailed: true,
    };
    this.#jobs.set(qrn, job);
    const { timer, clock } = this.#options;
    const nowMs = clock.now();
    this.#unsubscribeFromTimer ??= timer.subscribe((polledAtMs) => this.#onPoll(polledAtMs), nowMs);
    timer.speedUp(nowMs, nowMs);
    return job;
  }

  #drop(job: WatchedJob): void {
    if (this.#jobs.get(job.qrn) === job) this.#jobs.delete(job.qrn);
  }

  /** Polls for those who come now, all together: at once, and at all if it is time for a poll anyway. */
  #pollNewcomers(): void {
    if (this.#isPollingNewcomers) return;
    this.#isPollingNewcomers = true;
    queueMicrotask(() => {
      this.#isPollingNewcomers = false;
      const { timer, clock, limits } = this.#options;
      const nowMs = clock.now();
      if (this.#ending.signal.aborted || timer.pollNow(nowMs)) return;
      const withNewcomers = [...this.#jobs.values()].filter(hasNewcomers);
      this.#poll(withNewcomers, limits.minIntervalMs, new OperationBudget(MAX_FIRST_READS), nowMs);
    });
  }

  #onPoll(nowMs: number): void {
    const due = [...this.#jobs.values()].filter((job) => this.#isDue(job, nowMs));
    const unseen = due.filter(({ polledAtMs }) => polledAtMs === NEVER_MS).length;
    const share = Math.min(MAX_READS, 1 + Math.ceil(due.length * SHARE_READ_SINGLY));
    const operationBudget = new OperationBudget(share + Math.min(MAX_FIRST_READS, unseen));
    // What somebody else has read just now will do; what the last poll read will not.
    const maxAgeMs = this.#options.limits.minIntervalMs / 2;
    // Apart, so that the answers which are slow to come do not hold up the others.
    for (const hasFailed of [false, true]) {
      this.#poll(
        due.filter((job) => job.hasFailed === hasFailed),
        maxAgeMs,
        operationBudget,
        nowMs,
      );
    }
  }

  /** A job that has ended only waits for its final cost, which may take a while. */
  #isDue(job: WatchedJob, nowMs: number): boolean {
    const isSlow = job.known !== null && isTerminal(job.known.job.status) && !hasNewcomers(job);
    return !isSlow || nowMs - job.polledAtMs >= this.#options.limits.maxIntervalMs;
  }

  /** Looks at these jobs, but for those that are polled at already: first at those that waited for the longest time. */
  async #poll(
    jobs: readonly WatchedJob[],
    maxAgeMs: number,
    operationBudget: OperationBudget,
    polledAtMs: number,
  ): Promise<void> {
    const { store, key } = this.#options;
    const { signal } = this.#ending;
    const polled = jobs
      .filter(({ isBeingPolled }) => !isBeingPolled)
      .toSorted((a, b) => a.polledAtMs - b.polledAtMs || 0);
    if (polled.length === 0) return;

    for (const job of polled) job.isBeingPolled = true;
    const qrns = polled.map(({ qrn }) => qrn);
    const startedSeq = store.seq;
    const scope = { startedSeq, mustBeFresh: false, maxAgeMs, operationBudget, signal, markStale() {} };
    const outcomes = await store.getJobs(key, qrns, scope);
    for (const [index, job] of polled.entries()) {
      // Whoever hears of one job may leave with all.
      if (signal.aborted) return;
      job.isBeingPolled = false;
      this.#onOutcome(job, outcomes[index] ?? new Error(`The store lost ${job.qrn}.`), polledAtMs);
    }
  }

  #onOutcome(job: WatchedJob, outcome: Outcome, polledAtMs: number): void {
    if (!(outcome instanceof GatewayError)) {
      job.polledAtMs = polledAtMs;
      job.hasFailed = outcome instanceof Error;
      if (!(outcome instanceof Error)) this.#update(job, outcome);
      else if (isFinal(outcome, job)) this.#fail(job, outcome);
    }
    const { known, subscribers } = job;
    for (const [subscriber, told] of [...subscribers]) {
      if (known === null || told === known.job || !subscribers.has(subscriber)) continue;
      subscribers.set(subscriber, known.job);
      subscriber(known);
    }
  }

  /** What is known stays the same object until it changes. */
  #update(job: WatchedJob, read: FetchedJob): void {
    const { known } = job;
    if (known !== null && read.fetched.seq < known.fetched.seq) return;
    const isSame = known !== null && isSameJob(known.job, read.job);
    job.known = isSame ? { ...read, job: known.job } : read;
    const { timer, clock } = this.#options;
    if (known !== null && !isSame) timer.speedUp(read.job.createdAt?.getTime() ?? NEVER_MS, clock.now());
  }

  #fail(job: WatchedJob, error: Error): void {
    this.#drop(job);
    for (const subscriber of [...job.subscribers.keys()]) {
      if (job.subscribers.delete(subscriber)) subscriber(error);
    }
  }

  #endIfIdle(): void {
    if (this.#jobs.size > 0 || this.#ending.signal.aborted) return;
    this.#ending.abort();
    this.#unsubscribeFromTimer?.();
    this.#options.onIdle();
  }
}

/** Whether somebody has not been told anything of the job yet. */
function hasNewcomers({ subscribers }: WatchedJob): boolean {
  return [...subscribers.values()].includes(null);
}

/** Whether asking again would change nothing. What was never seen may also be refused for other reasons. */
function isFinal(error: Error, { known }: WatchedJob): boolean {
  if (!isFailure(error)) return true;
  return isRefusal(error) || (known === null && error.kind === 'rejected');
}
