import type { ApiKey } from '../auth/api-key.ts';
import { isFailure, isRefusal } from '../jobs/failures.ts';
import { isSameJob, isTerminal } from '../jobs/job-progress.ts';
import type { FetchedJob } from '../jobs/list-page.ts';
import type { Clock } from '../lib/clock.ts';
import { GatewayError } from '../lib/gateway-error.ts';
import { OperationBudget } from '../store/admission/operation-budget.ts';
import type { JobStore } from '../store/job-store.ts';
import type { Outcome } from '../store/read-jobs.ts';
import type { PollLimits } from './poll-interval.ts';
import { PollTimer } from './poll-timer.ts';

export interface KeyPollerOptions {
  readonly store: JobStore;
  readonly clock: Clock;
  readonly limits: PollLimits;
  /** The key to look with. */
  readonly key: ApiKey;
  /** Called once nobody watches any more: the watcher has ended. */
  readonly onIdle: () => void;
}

/** Hears what became of a watched job: its state, or the error after which it is watched no more. */
export type JobListener = (news: Outcome) => void;

/** Looks again at whatever else is watched. */
export type PollListener = () => void;

interface Subject {
  readonly qrn: string;
  known: FetchedJob | null;
  /** What each listener was told last. */
  readonly listeners: Map<JobListener, FetchedJob['job'] | null>;
  askedAtMs: number;
  isUnderWay: boolean;
  /** Whether the last look failed for the moment, or there was none yet. */
  isTroubled: boolean;
}

/** Jobs that no list holds are read one by one: of all, only so many at each tick, and never more than `MAX_READS`. */
const SHARE_READ_SINGLY = 0.1;
const MAX_READS = 20;

/** How many jobs that were never seen are read one by one at once. */
const MAX_FIRST_READS = 60;

const NEVER_MS = Number.NEGATIVE_INFINITY;

/**
 * Watches jobs with one key for all who want to know: one look at all of them, again and again, as long as somebody
 * listens. What fails for the moment is no news; the next look may find better.
 */
export class KeyPoller {
  readonly #options: KeyPollerOptions;
  readonly #ticker: PollTimer;
  readonly #subjects = new Map<string, Subject>();
  readonly #tickListeners = new Set<PollListener>();
  /** Aborts when the watcher ends. */
  readonly #ending = new AbortController();
  #isExpectingArrivals = false;

  constructor(options: KeyPollerOptions) {
    this.#options = options;
    const { store, clock, limits, key } = options;
    const toDelayMs = (intervalMs: number) => {
      const { slowdown, waitMs } = store.paceOf(key);
      return Math.max(intervalMs * slowdown, waitMs);
    };
    this.#ticker = new PollTimer({ clock, limits, toDelayMs, onTick: () => this.#onTick() });
  }

  /**
   * Tells the listener of a job as it is now, once that is known, and whenever it changes: never before this returns.
   * Returns what ends that.
   */
  watchJob(qrn: string, listener: JobListener): () => void {
    const subject = this.#subjects.get(qrn) ?? this.#addSubject(qrn);
    subject.listeners.set(listener, null);
    this.#expectArrivals();
    return () => {
      subject.listeners.delete(listener);
      if (subject.listeners.size === 0) this.#drop(subject);
      this.#endIfIdle();
    };
  }

  /** Calls a listener at each tick. Returns what ends that. */
  watchTicks(listener: PollListener): () => void {
    this.#tickListeners.add(listener);
    this.quicken(this.#options.clock.now());
    return () => {
      this.#tickListeners.delete(listener);
      this.#endIfIdle();
    };
  }

  /** Looks again soon, and often for as long as what was new at `newAtMs` counts as new. */
  quicken(newAtMs: number): void {
    this.#ticker.quicken(newAtMs);
  }

  #addSubject(qrn: string): Subject {
    const subject = {
      qrn,
      known: null,
      listeners: new Map(),
      askedAtMs: NEVER_MS,
      isUnderWay: false,
      isTroubled: true,
    };
    this.#subjects.set(qrn, subject);
    this.quicken(this.#options.clock.now());
    return subject;
  }

  #drop(subject: Subject): void {
    if (this.#subjects.get(subject.qrn) === subject) this.#subjects.delete(subject.qrn);
  }

  /** Looks for those who come now, all together: at once, and at all if it is time for a tick anyway. */
  #expectArrivals(): void {
    if (this.#isExpectingArrivals) return;
    this.#isExpectingArrivals = true;
    queueMicrotask(() => {
      this.#isExpectingArrivals = false;
      if (this.#ending.signal.aborted || this.#ticker.tickNow()) return;
      const awaited = [...this.#subjects.values()].filter(isAwaited);
      this.#look(awaited, this.#options.limits.minIntervalMs, new OperationBudget(MAX_FIRST_READS));
    });
  }

  #onTick(): void {
    for (const listener of [...this.#tickListeners]) listener();
    const due = [...this.#subjects.values()].filter((subject) => this.#isDue(subject));
    const unseen = due.filter(({ askedAtMs }) => askedAtMs === NEVER_MS).length;
    const share = Math.min(MAX_READS, 1 + Math.ceil(due.length * SHARE_READ_SINGLY));
    const operationBudget = new OperationBudget(share + Math.min(MAX_FIRST_READS, unseen));
    // What somebody else has read just now will do; what the last look read will not.
    const maxAgeMs = this.#options.limits.minIntervalMs / 2;
    // Apart, so that the answers which are slow to come do not hold up the others.
    for (const isTroubled of [false, true]) {
      this.#look(
        due.filter((subject) => subject.isTroubled === isTroubled),
        maxAgeMs,
        operationBudget,
      );
    }
  }

  /** A job that has ended only waits for its final cost, which may take a while. */
  #isDue(subject: Subject): boolean {
    const { clock, limits } = this.#options;
    const isSlow = subject.known !== null && isTerminal(subject.known.job.status) && !isAwaited(subject);
    return !isSlow || clock.now() - subject.askedAtMs >= limits.maxIntervalMs;
  }

  /** Looks at these jobs, but for those that are looked at already: first at those that waited for the longest time. */
  async #look(
    subjects: readonly Subject[],
    maxAgeMs: number,
    operationBudget: OperationBudget,
  ): Promise<void> {
    const { store, clock, key } = this.#options;
    const { signal } = this.#ending;
    const looked = subjects
      .filter(({ isUnderWay }) => !isUnderWay)
      .toSorted((a, b) => a.askedAtMs - b.askedAtMs || 0);
    if (looked.length === 0) return;

    for (const subject of looked) subject.isUnderWay = true;
    const askedAtMs = clock.now();
    const qrns = looked.map(({ qrn }) => qrn);
    const startedSeq = store.seq;
    const scope = { startedSeq, mustBeFresh: false, maxAgeMs, operationBudget, signal, markStale() {} };
    const outcomes = await store.getJobs(key, qrns, scope);
    for (const [index, subject] of looked.entries()) {
      // Whoever hears of one job may leave with all.
      if (signal.aborted) return;
      subject.isUnderWay = false;
      this.#learn(subject, outcomes[index] ?? new Error(`The store lost ${subject.qrn}.`), askedAtMs);
    }
  }

  #learn(subject: Subject, outcome: Outcome, askedAtMs: number): void {
    if (!(outcome instanceof GatewayError)) {
      subject.askedAtMs = askedAtMs;
      subject.isTroubled = outcome instanceof Error;
      if (!(outcome instanceof Error)) this.#update(subject, outcome);
      else if (isFinal(outcome, subject)) this.#giveUp(subject, outcome);
    }
    const { known, listeners } = subject;
    for (const [listener, told] of [...listeners]) {
      if (known === null || told === known.job || !listeners.has(listener)) continue;
      listeners.set(listener, known.job);
      listener(known);
    }
  }

  /** What is known stays the same object until it changes. */
  #update(subject: Subject, read: FetchedJob): void {
    const { known } = subject;
    if (known !== null && read.fetched.seq < known.fetched.seq) return;
    const isSame = known !== null && isSameJob(known.job, read.job);
    subject.known = isSame ? { ...read, job: known.job } : read;
    if (known !== null && !isSame) this.quicken(read.job.createdAt?.getTime() ?? NEVER_MS);
  }

  #giveUp(subject: Subject, error: Error): void {
    this.#drop(subject);
    for (const listener of [...subject.listeners.keys()]) {
      if (subject.listeners.delete(listener)) listener(error);
    }
  }

  #endIfIdle(): void {
    if (this.#subjects.size > 0 || this.#tickListeners.size > 0 || this.#ending.signal.aborted) return;
    this.#ending.abort();
    this.#ticker.stop();
    this.#options.onIdle();
  }
}

/** Whether somebody has not been told anything of the job yet. */
function isAwaited({ listeners }: Subject): boolean {
  return [...listeners.values()].includes(null);
}

/** Whether asking again would change nothing. What was never seen may also be refused for other reasons. */
function isFinal(error: Error, { known }: Subject): boolean {
  if (!isFailure(error)) return true;
  return isRefusal(error) || (known === null && error.kind === 'rejected');
}
