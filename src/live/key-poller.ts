import { setMaxListeners } from 'node:events';
import type { ApiKey } from '../auth/api-key.ts';
import { isSameJob, isTerminal } from '../jobs/job-progress.ts';
import type { FetchedJob } from '../jobs/list-page.ts';
import type { Seq } from '../jobs/seq.ts';
import type { Clock } from '../lib/clock.ts';
import { GatewayError } from '../lib/gateway-error.ts';
import { OperationBudget } from '../store/admission/operation-budget.ts';
import type { JobStore } from '../store/job-store.ts';
import type { ReadOutcome } from '../store/read-jobs.ts';
import type { ReadScope } from '../store/read-scope.ts';
import { jobAgeMs, type PollLimits, type PollTimer } from './poll-timer.ts';
import { type JobSubscriber, JobSubscription, NEVER_MS, type Read, WatchedJob } from './watched-job.ts';

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

/** How many jobs each poll reads one by one because no list holds them: a share of all, and at most `MAX_READS`. */
const SHARE_READ_SINGLY = 0.1;
const MAX_READS = 20;

/** How many jobs that were never read are read one by one at once. */
const MAX_FIRST_READS = 60;

/**
 * A call that is not answered by then is late, in milliseconds. The qBraid API ordinarily answers far sooner, and a
 * client ordinarily gets a change in about this time.
 */
const LATE_MS = 3000;

/** How long the jobs of a late call have to show that they are not late themselves, in milliseconds. */
const GRACE_MS = 500;

/**
 * Polls the jobs that are watched with one key, for all subscribers together. A failure that may pass is not reported:
 * the next poll may succeed.
 */
export class KeyPoller {
  readonly #options: KeyPollerOptions;
  readonly #jobs = new Map<string, WatchedJob>();
  /** What cancels each timer of the reads that are under way. */
  readonly #timers = new Set<() => void>();
  /** Aborts when the poller ends. */
  readonly #ending = new AbortController();
  #unsubscribeFromTimer: (() => void) | null = null;
  #isPollingNewcomers = false;
  /** Where the latest watch came from, which the polls count for. */
  #client = '';

  constructor(options: KeyPollerOptions) {
    this.#options = options;
    // Each read listens, and there may be hundreds: that is no leak.
    setMaxListeners(0, this.#ending.signal);
  }

  /**
   * Calls the subscriber with the state of the job once it is known, and whenever it changes, but never before this
   * method returns.
   */
  watchJob(qrn: string, subscriber: JobSubscriber): JobSubscription {
    const job = this.#jobs.get(qrn) ?? this.#addJob(qrn);
    const subscription = new JobSubscription(job, subscriber);
    job.subscriptions.add(subscription);
    this.#onNewcomer(subscriber);
    return subscription;
  }

  /** Calls the subscriber with the state of the job again, once it is as fresh as for one who comes now. */
  showAgain(subscription: JobSubscription): void {
    subscription.waitAnew();
    this.#onNewcomer(subscription.subscriber);
  }

  /** Ends a subscription. */
  leave(subscription: JobSubscription): void {
    const { job } = subscription;
    job.subscriptions.delete(subscription);
    if (job.subscriptions.size === 0) this.#drop(job);
    this.#endIfIdle();
  }

  #addJob(qrn: string): WatchedJob {
    const { timer, clock } = this.#options;
    const nowMs = clock.now();
    const job = new WatchedJob(qrn);
    this.#jobs.set(qrn, job);
    this.#unsubscribeFromTimer ??= timer.subscribe(
      { poll: (polledAtMs, isAnew) => this.#poll(polledAtMs, isAnew), look: (since) => this.#look(since) },
      nowMs,
    );
    timer.speedUp(0, nowMs);
    return job;
  }

  #drop(job: WatchedJob): void {
    if (this.#jobs.get(job.qrn) === job) this.#jobs.delete(job.qrn);
  }

  /** Polls for all subscribers that come now: everything if a poll may be due, else only what they wait for. */
  #onNewcomer({ client }: JobSubscriber): void {
    this.#client = client;
    if (this.#isPollingNewcomers) return;
    this.#isPollingNewcomers = true;
    queueMicrotask(() => {
      this.#isPollingNewcomers = false;
      const { timer, clock, limits } = this.#options;
      const nowMs = clock.now();
      for (const job of [...this.#jobs.values()]) if (job.isLate) this.#notify(job);
      if (this.#ending.signal.aborted || timer.pollNow(nowMs)) return;
      const scope = this.#scopeOf(limits.minIntervalMs, MAX_FIRST_READS);
      this.#readIdle(
        [...this.#jobs.values()].filter(({ hasNewcomers }) => hasNewcomers),
        scope,
        nowMs,
      );
    });
  }

  #poll(nowMs: number, isAnew: boolean): void {
    // What is under way may be from before a change: what it gives is ignored.
    if (isAnew) for (const job of this.#jobs.values()) job.read = null;
    const due = [...this.#jobs.values()].filter((job) => this.#isDue(job, nowMs));
    const neverRead = due.filter(({ polledAtMs }) => polledAtMs === NEVER_MS).length;
    const share = Math.min(MAX_READS, 1 + Math.ceil(due.length * SHARE_READ_SINGLY));
    // What another operation has just read is fresh enough. What the last poll read is not.
    const maxAgeMs = this.#options.limits.minIntervalMs / 2;
    const scope = this.#scopeOf(maxAgeMs, share + Math.min(MAX_FIRST_READS, neverRead));
    // Two calls: jobs that may fail again, or take long, do not delay the others.
    for (const isSettled of [true, false]) {
      const jobs = due.filter(({ latest, isDelayed }) => (latest !== null && !isDelayed) === isSettled);
      this.#readIdle(jobs, scope, nowMs);
    }
  }

  /** Takes what others have read since. Leaves alone the jobs that are being read, and those that the cache does not tell of. */
  async #look(since: Seq): Promise<boolean> {
    const { store, key, clock } = this.#options;
    const nowMs = clock.now();
    const jobs = [...this.#jobs.values()].filter(({ read }) => read === null);
    const scope = { ...this.#scopeOf(0, 0), startedSeq: since, onlyIfCached: true };
    const qrns = jobs.map(({ qrn }) => qrn);
    const outcomes = await store.getJobs(key, qrns, scope);
    for (const [index, job] of jobs.entries()) {
      const outcome = outcomes[index];
      // A poll may have begun by now. What a poll read is no news.
      if (outcome === undefined || job.read !== null || this.#ending.signal.aborted) continue;
      if (!job.isNews(outcome)) continue;
      if (!(outcome instanceof Error)) job.newsSeq = outcome.fetched.seq;
      this.#take(job, outcome, nowMs);
    }
    return [...this.#jobs.values()].every((job) => job.newsSeq > since || !this.#isDue(job, nowMs));
  }

  /** A job that has ended only waits for its final cost, which may take a while. */
  #isDue(job: WatchedJob, nowMs: number): boolean {
    const isSlow = job.latest !== null && isTerminal(job.latest.job.status) && !job.hasNewcomers;
    return !isSlow || nowMs - job.polledAtMs >= this.#options.limits.maxIntervalMs;
  }

  #scopeOf(maxAgeMs: number, maxRequests: number): ReadScope {
    return {
      startedSeq: this.#options.store.seq,
      mustBeFresh: false,
      maxAgeMs,
      operationBudget: new OperationBudget(maxRequests),
      client: this.#client,
      deadline: this.#ending,
      markStale() {},
    };
  }

  /** Reads those of the jobs that no read is under way for, first those that were not read for the longest time. */
  #readIdle(jobs: readonly WatchedJob[], scope: ReadScope, polledAtMs: number): void {
    const idle = jobs.filter(({ read }) => read === null);
    if (idle.length === 0) return;
    // Two jobs that were never read are equally old: the difference of their times is not a number.
    const inOrder = idle.toSorted((a, b) => a.polledAtMs - b.polledAtMs || 0);
    this.#read(inOrder, { scope, polledAtMs });
  }

  /** Makes one call of the store. It answers once all jobs are read, so one may delay the others: see `#onLate`. */
  async #read(jobs: readonly WatchedJob[], read: Read): Promise<void> {
    const { store, key } = this.#options;
    for (const job of jobs) job.read = read;
    const cancel = this.#schedule(LATE_MS, () => this.#onLate(jobs, read));
    const qrns = jobs.map(({ qrn }) => qrn);
    const outcomes = await store.getJobs(key, qrns, read.scope);
    cancel();
    for (const [index, job] of jobs.entries()) {
      const outcome = outcomes[index] ?? new Error(`The store lost ${job.qrn}.`);
      // While the others were read, somebody may have read it again, and shown it.
      const seen = outcome instanceof Error ? null : store.lastSeen(key, job.qrn);
      this.#settle(job, seen ?? outcome, read);
    }
  }

  /** Takes each job of a late call that is not late itself. After a moment of grace, the others are. */
  #onLate(jobs: readonly WatchedJob[], read: Read): void {
    const late = jobs.filter((job) => job.read === read && job.subscriptions.size > 0);
    if (jobs.length > 1) for (const job of late) this.#takeEarly(job, read);
    this.#schedule(jobs.length > 1 ? GRACE_MS : 0, () => {
      for (const job of late) {
        if (job.read !== read) continue;
        job.isDelayed = true;
        this.#notify(job);
      }
    });
  }

  /**
   * Takes one job of a call before the others are read: from the cache if it is already read, else from the request in
   * flight for it. Sends nothing: a slow answer costs no further requests.
   */
  async #takeEarly(job: WatchedJob, read: Read): Promise<void> {
    const { store, key } = this.#options;
    const scope = { ...read.scope, operationBudget: new OperationBudget(0) };
    const [outcome] = await store.getJobs(key, [job.qrn], scope);
    if (outcome !== undefined && !(outcome instanceof GatewayError)) this.#settle(job, outcome, read);
  }

  /** Takes what a read gave for a job, unless it has been taken, or everybody has left. */
  #settle(job: WatchedJob, outcome: ReadOutcome, read: Read): void {
    if (job.read !== read || this.#ending.signal.aborted) return;
    job.read = null;
    // Where the poll has no requests left, the job waits for its turn.
    if (outcome instanceof GatewayError) this.#notify(job);
    else this.#take(job, outcome, read.polledAtMs);
  }

  #take(job: WatchedJob, outcome: ReadOutcome, polledAtMs: number): void {
    const { store, clock, key } = this.#options;
    job.isDelayed = outcome instanceof Error || store.paceOf(key).waitMs > 0;
    this.#onOutcome(job, outcome, polledAtMs, clock.now());
    this.#notify(job);
  }

  /** Tells the subscribers what they have not received yet: nothing that is behind what others were shown since the last poll. */
  #notify(job: WatchedJob): void {
    const { store, key, clock } = this.#options;
    // What was read before the key was refused is shown to nobody who comes now.
    if (job.partition !== store.partitionOf(key)) job.latest = null;
    const seen = job.latest === null ? null : store.lastSeen(key, job.qrn);
    if (seen !== null) this.#update(job, seen, clock.now());
    job.notify();
  }

  /** Calls back later, unless the poller ends or the call is taken back. */
  #schedule(delayMs: number, callback: () => void): () => void {
    const cancelTimer = this.#options.clock.schedule(delayMs, () => {
      this.#timers.delete(cancel);
      callback();
    });
    const cancel = () => {
      this.#timers.delete(cancel);
      cancelTimer();
    };
    this.#timers.add(cancel);
    return cancel;
  }

  #onOutcome(job: WatchedJob, outcome: ReadOutcome, polledAtMs: number, nowMs: number): void {
    job.polledAtMs = polledAtMs;
    if (!(outcome instanceof Error)) this.#update(job, outcome, nowMs);
    else if (job.isFinal(outcome)) this.#fail(job, outcome);
  }

  #update(job: WatchedJob, fetched: FetchedJob, nowMs: number): void {
    const { store, key } = this.#options;
    const { latest } = job;
    if (latest !== null && fetched.fetched.seq < latest.fetched.seq) return;
    job.partition = store.partitionOf(key);
    const isSame = latest !== null && isSameJob(latest.job, fetched.job);
    job.latest = isSame ? { ...fetched, job: latest.job } : fetched;
    if (latest !== null && !isSame) this.#options.timer.speedUp(jobAgeMs(fetched), nowMs);
  }

  #fail(job: WatchedJob, error: Error): void {
    this.#drop(job);
    job.fail(error);
  }

  #endIfIdle(): void {
    if (this.#jobs.size > 0 || this.#ending.signal.aborted) return;
    this.#ending.abort();
    for (const cancel of [...this.#timers]) cancel();
    this.#unsubscribeFromTimer?.();
    this.#options.onIdle();
  }
}
