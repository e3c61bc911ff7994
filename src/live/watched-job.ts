import { isFailure, isRefusal } from '../jobs/failures.ts';
import type { FetchedJob } from '../jobs/list-page.ts';
import { NEVER, type Seq } from '../jobs/seq.ts';
import type { ReadOutcome } from '../store/read-jobs.ts';
import type { ReadScope } from '../store/read-scope.ts';

/** Whoever watches a job: is told of its states. */
export interface JobSubscriber {
  /** Where the latest watch came from: see `ReadScope.client`. */
  readonly client: string;
  /** Receives the states of the job, or the error after which the job is no longer polled. */
  onOutcome(outcome: ReadOutcome): void;
  /**
   * Receives whether the present state of the job cannot be read for now, whenever that changes: the key is held, the
   * last poll failed for the moment, or the answer takes long.
   */
  onDelay(isDelayed: boolean): void;
}

/** One call of the store. */
export interface Read {
  readonly scope: ReadScope;
  /** When its poll began (`Clock.now`). */
  readonly polledAtMs: number;
}

/** A time of `Clock.now` before all others: what did not happen yet. */
export const NEVER_MS = Number.NEGATIVE_INFINITY;

/** A job that a key poller polls, for all who subscribe to it. */
export class WatchedJob {
  readonly qrn: string;
  /** The latest reading. Its `job` stays the same object until the job changes. */
  latest: FetchedJob | null = null;
  /** The key's part of the cache when that was taken: the key was refused since where it has another one. */
  partition = 0;
  readonly subscriptions = new Set<JobSubscription>();
  /** When the last poll that was answered began (`Clock.now`). */
  polledAtMs = NEVER_MS;
  /** When others read last what the poller took in a look. */
  newsSeq: Seq = NEVER;
  /** The read that is under way for the job. What another one gives is ignored. */
  read: Read | null = null;
  /** See `JobSubscriber.onDelay`. */
  isDelayed = false;

  constructor(qrn: string) {
    this.qrn = qrn;
  }

  /** Whether a subscriber waits for the present state. */
  get hasNewcomers(): boolean {
    for (const { isWaiting } of this.subscriptions) if (isWaiting) return true;
    return false;
  }

  /** Whether the job is being read and late: who comes now would otherwise receive nothing until that ends. */
  get isLate(): boolean {
    return this.read !== null && this.isDelayed;
  }

  /** Whether a look has found what the poller does not know. It finds no failures but refusals that others were answered. */
  isNews(outcome: ReadOutcome): boolean {
    if (outcome instanceof Error) return isFailure(outcome);
    return this.latest === null || outcome.fetched.seq > this.latest.fetched.seq;
  }

  /** Whether another poll would give the same error. A job that was never read may also be rejected for other reasons. */
  isFinal(error: Error): boolean {
    if (!isFailure(error)) return true;
    return isRefusal(error) || (this.latest === null && error.kind === 'rejected');
  }

  /** Tells each subscriber what it has not received yet. */
  notify(): void {
    for (const subscription of [...this.subscriptions]) {
      // A subscriber may end its own subscription and others.
      if (this.subscriptions.has(subscription)) subscription.receive();
    }
  }

  /** Ends all subscriptions with an error. */
  fail(error: Error): void {
    for (const subscription of [...this.subscriptions]) {
      if (this.subscriptions.delete(subscription)) subscription.subscriber.onOutcome(error);
    }
  }
}

/** What a subscriber has of a job, and has received of it. A process may have a hundred thousand of them. */
export class JobSubscription {
  readonly job: WatchedJob;
  readonly subscriber: JobSubscriber;
  #received: FetchedJob['job'] | null = null;
  #isDelayed = false;

  constructor(job: WatchedJob, subscriber: JobSubscriber) {
    this.job = job;
    this.subscriber = subscriber;
  }

  /** The latest reading, also where it only confirmed the one before, of which nobody is told. Null before the first. */
  get latest(): FetchedJob | null {
    return this.job.latest;
  }

  /** Whether the subscriber waits for the present state. */
  get isWaiting(): boolean {
    return this.#received === null;
  }

  /** Lets the subscriber wait for the present state once more, as one who comes now. */
  waitAnew(): void {
    this.#received = null;
  }

  /** Tells the subscriber what it has not received yet. */
  receive(): void {
    const { latest, isDelayed, subscriptions } = this.job;
    if (latest !== null && this.#received !== latest.job) {
      this.#received = latest.job;
      this.subscriber.onOutcome(latest);
    }
    if (this.#isDelayed !== isDelayed && subscriptions.has(this)) {
      this.#isDelayed = isDelayed;
      this.subscriber.onDelay(isDelayed);
    }
  }
}
