import type { ApiKey } from '../auth/api-key.ts';
import type { Clock } from '../lib/clock.ts';
import type { UpstreamError } from '../upstream/upstream-error.ts';
import { Allowance } from './allowance.ts';
import { isRefusal } from './is-refusal.ts';
import { isSameJob } from './is-same-job.ts';
import { isTerminal } from './is-terminal.ts';
import type { JobStore } from './job-store.ts';
import type { ReadJob } from './list-page.ts';
import { NEW_MS, nextIntervalMs, type WatchLimits } from './watch-interval.ts';

export interface WatcherOptions {
  readonly store: JobStore;
  readonly clock: Clock;
  readonly limits: WatchLimits;
  /** The key to look with. */
  readonly key: ApiKey;
  /** Called once nobody watches any more. */
  readonly onIdle: () => void;
}

/** Hears what became of a watched job: its new state, or the refusal after which it is watched no more. */
export type JobListener = (news: ReadJob | UpstreamError) => void;

/** One listener's watch of one job. */
export interface JobWatch {
  readonly current: ReadJob;
  readonly unwatch: () => void;
}

/** Looks again at whatever else is watched, at each tick. Tells whether it changed. */
export type TickListener = () => Promise<boolean>;

interface Subject {
  known: ReadJob;
  readonly listeners: Set<JobListener>;
}

/** Jobs that no list holds are read one by one: only so many of all at each tick, and never more than `MAX_READS`. */
const SHARE_READ_SINGLY = 0.1;
const MAX_READS = 20;

/**
 * Watches jobs with one key for all who want to know: one look at all of them, again and again, as long as somebody
 * listens. What fails for the moment is no news; the next look may find better.
 */
export class Watcher {
  readonly #options: WatcherOptions;
  readonly #subjects = new Map<string, Subject>();
  readonly #tickListeners = new Set<TickListener>();
  #cancelTick: (() => void) | null = null;
  #dueAtMs = 0;
  #intervalMs: number;
  #livelyUntilMs = 0;
  /** Stops the look that is under way. */
  #looking: AbortController | null = null;

  constructor(options: WatcherOptions) {
    this.#options = options;
    this.#intervalMs = options.limits.minIntervalMs;
  }

  /** Watches a job that is known as it is now: gives what is known of it by anybody, and what ends the watch. */
  watchJob(qrn: string, known: ReadJob, listener: JobListener): JobWatch {
    const subject = this.#subjects.get(qrn) ?? this.#addSubject(qrn, known);
    this.#hear(qrn, known);
    subject.listeners.add(listener);
    const unwatch = () => {
      subject.listeners.delete(listener);
      if (subject.listeners.size === 0 && this.#subjects.get(qrn) === subject) this.#subjects.delete(qrn);
      this.#stopIfIdle();
    };
    return { current: subject.known, unwatch };
  }

  /** Calls a listener at each tick. Returns what ends that. */
  watchTicks(listener: TickListener): () => void {
    this.#tickListeners.add(listener);
    this.#quicken(this.#options.clock.now());
    return () => {
      this.#tickListeners.delete(listener);
      this.#stopIfIdle();
    };
  }

  #addSubject(qrn: string, known: ReadJob): Subject {
    const subject = { known, listeners: new Set<JobListener>() };
    this.#subjects.set(qrn, subject);
    this.#quicken(Math.max(this.#options.clock.now(), known.job.createdAt?.getTime() ?? 0));
    return subject;
  }

  /** Looks often for a while: something was new at this time. */
  #quicken(newAtMs: number): void {
    const { clock, limits } = this.#options;
    this.#livelyUntilMs = Math.max(this.#livelyUntilMs, newAtMs + NEW_MS);
    this.#intervalMs = limits.minIntervalMs;
    const dueAtMs = clock.now() + limits.minIntervalMs;
    if (this.#looking === null && (this.#cancelTick === null || dueAtMs < this.#dueAtMs))
      this.#schedule(dueAtMs);
  }

  #schedule(dueAtMs: number): void {
    const { clock } = this.#options;
    this.#cancelTick?.();
    this.#dueAtMs = dueAtMs;
    this.#cancelTick = clock.schedule(dueAtMs - clock.now(), () => this.#tick());
  }

  async #tick(): Promise<void> {
    const { store, clock, key, limits } = this.#options;
    const looking = new AbortController();
    this.#looking = looking;
    this.#cancelTick = null;
    const haveChanged = await Promise.all([
      this.#lookAtJobs(looking.signal),
      ...[...this.#tickListeners].map((listener) => listener()),
    ]);
    if (looking.signal.aborted) return;

    this.#looking = null;
    const nowMs = clock.now();
    const isLively = haveChanged.includes(true) || nowMs < this.#livelyUntilMs;
    const { stretch, waitMs } = store.paceOf(key);
    this.#intervalMs = nextIntervalMs(this.#intervalMs, isLively, limits);
    this.#schedule(nowMs + Math.max(this.#intervalMs * stretch, waitMs));
  }

  /** Looks at the jobs of all subjects, those first that were not seen for the longest time. */
  async #lookAtJobs(signal: AbortSignal): Promise<boolean> {
    const { store, key } = this.#options;
    const due = [...this.#subjects].filter(([, { known }]) => this.#isDue(known));
    if (due.length === 0) return false;
    const qrns = due.sort(([, a], [, b]) => a.known.fetchedAtMs - b.known.fetchedAtMs).map(([qrn]) => qrn);
    const allowance = new Allowance(Math.min(MAX_READS, 1 + Math.ceil(qrns.length * SHARE_READ_SINGLY)));
    const scope = { startedAt: store.moment, mustBeFresh: false, allowance, signal, markStale() {} };
    const outcomes = await store.getJobs(key, qrns, scope);
    if (signal.aborted) return false;
    return qrns.map((qrn, index) => this.#hear(qrn, outcomes[index])).includes(true);
  }

  /** A job that has ended only waits for its final cost, which may take a while. */
  #isDue({ job, fetchedAtMs }: ReadJob): boolean {
    const { clock, limits } = this.#options;
    return !isTerminal(job.status) || clock.now() - fetchedAtMs >= limits.maxIntervalMs;
  }

  /** Tells the listeners of a job what is new. Whether anything was. */
  #hear(qrn: string, news: ReadJob | Error | undefined): boolean {
    const subject = this.#subjects.get(qrn);
    if (subject === undefined || news === undefined) return false;
    if (news instanceof Error) {
      if (!isRefusal(news)) return false;
      this.#subjects.delete(qrn);
    } else {
      const { known } = subject;
      if (news.fetchedAtMs < known.fetchedAtMs) return false;
      subject.known = news;
      if (isSameJob(known.job, news.job)) return false;
    }
    for (const listener of [...subject.listeners]) listener(news);
    return true;
  }

  #stopIfIdle(): void {
    if (this.#subjects.size > 0 || this.#tickListeners.size > 0) return;
    this.#cancelTick?.();
    this.#looking?.abort();
    this.#options.onIdle();
  }
}
