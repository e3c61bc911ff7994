import type { Credential } from '../auth/api-key.ts';
import { isTerminal } from '../jobs/job-progress.ts';
import { KeysFailedError } from '../jobs/keys-failed-error.ts';
import type { JobView } from '../jobs/list-page.ts';
import type { Clock } from '../lib/clock.ts';
import { ConflatingStream, type ConflatingStreamHooks } from './conflating-stream.ts';
import type { Pollers } from './pollers.ts';
import { type JobUpdate, JobWatch } from './watch-job.ts';

export interface WatchOptions extends Pick<ConflatingStreamHooks, 'until'> {
  readonly pollers: Pollers;
  readonly clock: Clock;
  /** The keys to watch with: one at least. */
  readonly credentials: readonly Credential[];
  /** Where the watch came from: see `ReadScope.client`. */
  readonly client: string;
}

/** How long a stream waits for the final cost of a job that has ended, in milliseconds. */
const AWAIT_COST_MS = 60_000;

/**
 * A stream of these jobs: each as it is now, and again whenever it changes. It completes when all jobs have ended or are
 * refused. A failure that may pass is not sent and ends nothing. Only the latest update of each job waits for a slow
 * reader, and none that was read with a key that has meanwhile been refused.
 */
export function watchJobs(qrns: readonly string[], options: WatchOptions): AsyncIterableIterator<JobUpdate> {
  const { pollers, clock, credentials, client, until } = options;
  const watches = new Map<string, JobWatch>();
  /** What cancels the wait for the final cost of a job. */
  const waits = new Map<string, () => void>();
  const refusedKeys = new Set<Credential>();
  const reportedKeys = new Set<string>();
  const stream = new ConflatingStream<JobUpdate>({
    onOpen: () => watch(qrns),
    onClose: leaveAll,
    until,
  });

  function watch(begun: readonly string[]): void {
    const accepted = credentials.filter((credential) => !refusedKeys.has(credential));
    if (accepted.length === 0) return;
    const common = { pollers, credentials: accepted, client, onUpdate: push, onKeyRefused };
    for (const qrn of begun) watches.set(qrn, new JobWatch(qrn, common));
  }

  function push(qrn: string, update: JobUpdate): void {
    if (update instanceof KeysFailedError && update.facts.qrn === undefined) pushKeyRefusal(update);
    else stream.push(qrn, update);
    if (update instanceof Error || hasEnded(update)) end(qrn);
    else if (isTerminal(update.job.status)) awaitCost(qrn);
  }

  /** Sends the refusal of a key once, however many jobs were watched with it. */
  function pushKeyRefusal(refusal: KeysFailedError): void {
    const [{ label }] = refusal.failures;
    if (!reportedKeys.has(label)) stream.push(`key ${label}`, refusal);
    reportedKeys.add(label);
  }

  /** Drops what was read with the key. Jobs that had ended are watched again: another key may see them. */
  function onKeyRefused(credential: Credential): void {
    refusedKeys.add(credential);
    const isOfKey = (update: JobUpdate) =>
      !(update instanceof Error) && update.keys.includes(credential.label);
    watch(stream.drop(isOfKey).filter((qrn) => !watches.has(qrn)));
  }

  function awaitCost(qrn: string): void {
    if (waits.has(qrn)) return;
    const cancel = clock.schedule(AWAIT_COST_MS, () => end(qrn));
    waits.set(qrn, cancel);
  }

  function end(qrn: string): void {
    leave(qrn);
    if (watches.size === 0) stream.end();
  }

  function leave(qrn: string): void {
    waits.get(qrn)?.();
    waits.delete(qrn);
    watches.get(qrn)?.leave();
    watches.delete(qrn);
  }

  function leaveAll(): void {
    for (const qrn of [...watches.keys()]) leave(qrn);
  }

  return stream;
}

/** Whether nothing more is to come: the job has its final state and cost, or its result is withheld. */
function hasEnded({ job: { status, cost } }: JobView): boolean {
  return status === 'HOLD' || (isTerminal(status) && cost !== null);
}
