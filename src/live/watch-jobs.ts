import type { Credential } from '../auth/api-key.ts';
import { KeysFailedError } from '../jobs/keys-failed-error.ts';
import { ConflatingStream, type ConflatingStreamHooks } from './conflating-stream.ts';
import { followJobs, type JobSet, type JobSetFollower, type JobSetOptions } from './job-set.ts';
import type { Pollers } from './pollers.ts';
import type { JobUpdate } from './watch-job.ts';

export interface WatchOptions
  extends Omit<JobSetOptions, 'pollers' | 'shared'>,
    Pick<ConflatingStreamHooks, 'until'> {
  readonly pollers: Pollers;
  /** The keys to watch with: one at least. */
  readonly credentials: readonly Credential[];
}

/**
 * A stream of these jobs: each as it is now, and again whenever it changes. It completes when all jobs have ended or are
 * refused. A failure that may pass is not sent and ends nothing. Only the latest update of each job waits for a slow
 * reader, and none that was read with a key that has meanwhile been refused.
 */
export function watchJobs(qrns: readonly string[], options: WatchOptions): AsyncIterableIterator<JobUpdate> {
  return new JobsReader(qrns, options).stream;
}

class JobsReader implements JobSetFollower {
  readonly stream: ConflatingStream<JobUpdate>;
  readonly #options: JobSetOptions;
  /** What to watch once the stream is read. An open stream may live for hours, and needs it no more. */
  #begin: { readonly qrns: readonly string[]; readonly credentials: readonly Credential[] } | null;
  /** Mostly one. */
  #sets: readonly JobSet[] = [];
  /** The labels of the keys whose refusal was sent. Null until there is any. */
  #reportedKeys: Set<string> | null = null;

  constructor(qrns: readonly string[], { pollers, clock, client, credentials, until }: WatchOptions) {
    this.#options = { pollers, shared: pollers.jobSets, clock, client };
    this.#begin = { qrns, credentials };
    this.stream = new ConflatingStream({
      onOpen: () => this.#open(),
      onClose: () => {
        for (const set of this.#sets) set.leave(this);
      },
      until,
    });
  }

  onUpdate(qrn: string, update: JobUpdate): void {
    if (update instanceof KeysFailedError && update.facts.qrn === undefined) this.#sendRefusal(update);
    else this.stream.push(qrn, update);
  }

  /** Drops what was read with the key. Jobs that had ended are watched again: another key may see them. */
  onKeyRefused({ label }: Credential, left: readonly Credential[]): void {
    const isOfKey = (update: JobUpdate) => !(update instanceof Error) && update.keys.includes(label);
    const isWatched = (qrn: string) => this.#sets.some((set) => set.isWatching(qrn));
    const ended = this.stream.drop(isOfKey).filter((qrn) => !isWatched(qrn));
    if (ended.length > 0 && left.length > 0) this.#watch(ended, left);
  }

  onMove(from: JobSet, to: JobSet): void {
    this.#sets = this.#sets.map((set) => (set === from ? to : set));
  }

  onEnd(ended: JobSet): void {
    this.#sets = this.#sets.filter((set) => set !== ended);
    if (this.#sets.length === 0) this.stream.end();
  }

  #open(): void {
    const begin = this.#begin;
    this.#begin = null;
    if (begin !== null) this.#watch(begin.qrns, begin.credentials);
  }

  #watch(qrns: readonly string[], credentials: readonly Credential[]): void {
    this.#sets = [...this.#sets, followJobs(qrns, credentials, this, this.#options)];
  }

  /** Sends the refusal of a key once, however many jobs were watched with it. */
  #sendRefusal(refusal: KeysFailedError): void {
    const [{ label }] = refusal.failures;
    this.#reportedKeys ??= new Set();
    if (!this.#reportedKeys.has(label)) this.stream.push(`key ${label}`, refusal);
    this.#reportedKeys.add(label);
  }
}
