import type { Credential } from '../auth/credential.ts';
import { isTerminal } from '../jobs/job-progress.ts';
import type { JobView } from '../jobs/job-view.ts';
import { KeysFailedError } from '../jobs/keys-failed-error.ts';
import type { Clock } from '../lib/clock.ts';
import { ConflatingStream } from './conflating-stream.ts';
import type { Pollers } from './pollers.ts';
import { type JobUpdate, watchJob } from './watch-job.ts';

export interface WatchOptions {
  readonly pollers: Pollers;
  readonly clock: Clock;
  /** The keys to watch with: one at least. */
  readonly credentials: readonly Credential[];
}

/** For how long the final cost of a job that has ended is waited for, in milliseconds. */
const AWAIT_COST_MS = 60_000;

/**
 * Tells of each of these jobs as it is now, and whenever it changes, until all have ended. A job that has ended, or that
 * none of the keys may see, ends by itself; a fault that may pass ends nothing. For a reader that is slow, only the
 * latest update of each job waits.
 */
export function watchJobs(qrns: readonly string[], options: WatchOptions): AsyncIterableIterator<JobUpdate> {
  const { pollers, clock, credentials } = options;
  const watches = new Map<string, () => void>();
  /** What stops the wait for the final cost of each job that has ended without one. */
  const waits = new Map<string, () => void>();
  const refusedKeys = new Set<string>();
  const stream = new ConflatingStream<JobUpdate>({ onOpen: begin, onClose: stop });

  function begin(): void {
    for (const qrn of qrns) {
      watches.set(
        qrn,
        watchJob(qrn, pollers, credentials, (update) => onReading(qrn, update)),
      );
    }
  }

  function onReading(qrn: string, update: JobUpdate): void {
    if (update instanceof KeysFailedError && update.facts.qrn === undefined) pushKeyRefusal(update);
    else stream.push(qrn, update);
    if (update instanceof Error || hasEnded(update)) end(qrn);
    else if (isTerminal(update.job.status)) awaitCost(qrn);
  }

  /** A refused key is told of once, however many jobs were watched with it. */
  function pushKeyRefusal(update: KeysFailedError): void {
    const [{ label }] = update.failures;
    if (!refusedKeys.has(label)) stream.push(`key ${label}`, update);
    refusedKeys.add(label);
  }

  function awaitCost(qrn: string): void {
    if (!waits.has(qrn))
      waits.set(
        qrn,
        clock.schedule(AWAIT_COST_MS, () => end(qrn)),
      );
  }

  function end(qrn: string): void {
    leave(qrn);
    if (watches.size === 0) stream.end();
  }

  function leave(qrn: string): void {
    waits.get(qrn)?.();
    waits.delete(qrn);
    watches.get(qrn)?.();
    watches.delete(qrn);
  }

  function stop(): void {
    for (const qrn of [...watches.keys()]) leave(qrn);
  }

  return stream;
}

/** Whether nothing more is to come: the job has ended and cost what it cost, or its result is withheld. */
function hasEnded({ job: { status, cost } }: JobView): boolean {
  return status === 'HOLD' || (isTerminal(status) && cost !== null);
}
