import type { Credential } from '../auth/credential.ts';
import type { Clock } from '../lib/clock.ts';
import { UpstreamError } from '../upstream/upstream-error.ts';
import { AllKeysFailedError, type KeyFailure } from './all-keys-failed-error.ts';
import { TooExpensiveError } from './allowance.ts';
import { isRefusal } from './is-refusal.ts';
import { isSameJob } from './is-same-job.ts';
import { isTerminal } from './is-terminal.ts';
import type { JobView } from './job-view.ts';
import type { ReadJob } from './list-page.ts';
import { Mailbox } from './mailbox.ts';
import type { WatchHub } from './watch-hub.ts';
import { nextIntervalMs, type WatchLimits } from './watch-interval.ts';

/** What became of a watched job. */
export type JobNews =
  | { readonly kind: 'job'; readonly job: JobView }
  /** A job that is watched no more, or, without a QRN, all jobs of a key that is refused. */
  | { readonly kind: 'refused'; readonly qrn: string | null; readonly failure: KeyFailure };

export interface WatchOptions {
  readonly hub: WatchHub;
  readonly clock: Clock;
  readonly limits: WatchLimits;
  readonly credentials: readonly Credential[];
  /** Opens what reads jobs under any of the keys: anew for each try, so that nothing old is given again. */
  readonly openReader: () => (qrn: string) => Promise<JobView>;
}

/** For how long the final cost of a job that has ended is waited for, in milliseconds. */
const AWAIT_COST_MS = 60_000;

/**
 * Tells of each of these jobs as it is now, and whenever it changes, until all have ended. A job that has ended, or that
 * none of the keys may see, ends by itself; a fault that may pass ends nothing. For a reader that is slow, only the
 * latest news of each job waits.
 */
export function watchJobs(qrns: readonly string[], options: WatchOptions): AsyncIterableIterator<JobNews> {
  return new JobsWatch(qrns, options).news;
}

class JobsWatch {
  readonly news: Mailbox<JobNews>;
  readonly #options: WatchOptions;
  /** The jobs whose key is not known yet. */
  readonly #unsettled: Set<string>;
  /** What ends the watch of each job whose key is known. */
  readonly #unwatch = new Map<string, () => void>();
  /** What stops the wait for the final cost of each job that has ended without one. */
  readonly #cancelWait = new Map<string, () => void>();
  #cancelRetry: (() => void) | null = null;

  constructor(qrns: readonly string[], options: WatchOptions) {
    this.#options = options;
    this.#unsettled = new Set(qrns);
    this.news = new Mailbox(() => this.#stop());
    this.#settle(options.limits.minIntervalMs).catch((error: unknown) => this.news.fail(error));
  }

  /** Finds the key that sees each job, and watches the job with it; tries again what fails for the moment. */
  async #settle(retryMs: number): Promise<void> {
    const { openReader, clock, limits } = this.#options;
    const read = openReader();
    await Promise.all([...this.#unsettled].map((qrn) => this.#settleJob(qrn, read)));
    if (this.news.isClosed) return;
    if (this.#unsettled.size === 0) return this.#endIfDone();
    this.#cancelRetry = clock.schedule(retryMs, () => {
      this.#settle(nextIntervalMs(retryMs, false, limits)).catch((error: unknown) => this.news.fail(error));
    });
  }

  async #settleJob(qrn: string, read: (qrn: string) => Promise<JobView>): Promise<void> {
    try {
      const job = await read(qrn);
      if (!this.news.isClosed) this.#start(qrn, job);
    } catch (error) {
      // What one operation may not cost at once is left for the next try, like a fault that may pass.
      if (error instanceof TooExpensiveError || this.news.isClosed) return;
      if (!(error instanceof AllKeysFailedError)) throw error;
      const [failure] = error.failures;
      if (failure !== undefined && isRefusal(failure.error)) this.#refuse(qrn, failure);
    }
  }

  #start(qrn: string, job: JobView): void {
    const { hub, credentials } = this.#options;
    this.#unsettled.delete(qrn);
    this.#tell(qrn, job);
    const credential = credentials.find(({ label }) => label === job.keys[0]);
    if (credential === undefined || hasEnded(job)) return;
    const { label, key } = credential;
    const { current, unwatch } = hub
      .watcherOf(key)
      .watchJob(qrn, job, (news) => this.#hear(qrn, label, news));
    this.#unwatch.set(qrn, unwatch);
    this.#awaitCost(qrn, job);
    if (!isSameJob(current.job, job.job)) this.#hear(qrn, label, current);
  }

  #hear(qrn: string, label: string, news: ReadJob | UpstreamError): void {
    if (news instanceof UpstreamError) {
      this.#refuse(qrn, { label, error: news });
    } else {
      const job = { ...news, keys: [label] };
      this.#tell(qrn, job);
      if (hasEnded(job)) this.#end(qrn);
      else this.#awaitCost(qrn, job);
    }
    this.#endIfDone();
  }

  #tell(qrn: string, job: JobView): void {
    this.news.put(qrn, { kind: 'job', job });
  }

  /** A refused key is told of once, whatever number of jobs were watched with it. */
  #refuse(qrn: string, failure: KeyFailure): void {
    this.#end(qrn);
    if (failure.error.kind === 'unauthenticated') {
      this.news.put(`key ${failure.label}`, { kind: 'refused', qrn: null, failure });
    } else {
      this.news.put(qrn, { kind: 'refused', qrn, failure });
    }
  }

  /** The final cost of a job may come some time after its end, but is not waited for without limit. */
  #awaitCost(qrn: string, { job }: JobView): void {
    if (!isTerminal(job.status) || this.#cancelWait.has(qrn)) return;
    const giveUp = () => {
      this.#end(qrn);
      this.#endIfDone();
    };
    this.#cancelWait.set(qrn, this.#options.clock.schedule(AWAIT_COST_MS, giveUp));
  }

  #end(qrn: string): void {
    this.#unsettled.delete(qrn);
    this.#cancelWait.get(qrn)?.();
    this.#cancelWait.delete(qrn);
    this.#unwatch.get(qrn)?.();
    this.#unwatch.delete(qrn);
  }

  #endIfDone(): void {
    if (this.#unsettled.size === 0 && this.#unwatch.size === 0) this.news.end();
  }

  #stop(): void {
    this.#cancelRetry?.();
    for (const qrn of [...this.#unsettled, ...this.#unwatch.keys()]) this.#end(qrn);
  }
}

/** Whether nothing more is to come: the job has ended and cost what it cost, or its result is withheld. */
function hasEnded({ job: { status, cost } }: ReadJob): boolean {
  return status === 'HOLD' || (isTerminal(status) && cost !== null);
}
