import type { Credential } from '../auth/api-key.ts';
import { isTerminal } from '../jobs/job-progress.ts';
import type { JobView } from '../jobs/list-page.ts';
import type { Clock } from '../lib/clock.ts';
import type { JobPollers } from './job-pollers.ts';
import { type JobUpdate, JobWatch, type JobWatchOptions } from './watch-job.ts';

export interface JobSetOptions {
  readonly pollers: JobPollers;
  /** The sets that streams share, by the names that they had then. */
  readonly shared: Map<string, JobSet>;
  readonly clock: Clock;
  /** Where the follower comes from: see `ReadScope.client`. */
  readonly client: string;
}

/** Who follows a set of jobs. */
export interface JobSetFollower {
  /** Receives a job at once and whenever it changes, or the error after which it is no longer watched. */
  onUpdate(qrn: string, update: JobUpdate): void;
  /** A key is refused: what was received of it and not shown yet must not be. These keys are left. */
  onKeyRefused(credential: Credential, left: readonly Credential[]): void;
  /** Another set tells the same from now on. */
  onMove(from: JobSet, to: JobSet): void;
  /** Nothing more is to come. */
  onEnd(set: JobSet): void;
}

/** How long a set waits for the final cost of a job that has ended, in milliseconds. */
const AWAIT_COST_MS = 60_000;

/**
 * Lets a follower watch these jobs with these keys: by the set of others who watch the same with the same key, if there is one,
 * else by a set of its own.
 */
export function followJobs(
  qrns: readonly string[],
  credentials: readonly Credential[],
  follower: JobSetFollower,
  options: JobSetOptions,
): JobSet {
  const shared = findShared(nameToBe(qrns, credentials), options.shared);
  const set = shared ?? new JobSet(qrns, credentials, options);
  set.join(follower, options.client);
  return set;
}

/**
 * Watches some jobs with the same keys until they have ended or are refused. Two sets that have come to watch the same jobs with
 * the same keys become one: a poller has told both the same, and will tell both the same. So a thousand streams over the same
 * jobs hold one set.
 */
export class JobSet implements JobWatchOptions {
  readonly pollers: JobPollers;
  readonly credentials: readonly Credential[];
  readonly #clock: Clock;
  readonly #shared: Map<string, JobSet>;
  readonly #followers = new Set<JobSetFollower>();
  /** Followers that have not received all jobs yet, and which they wait for. */
  readonly #newcomers = new Map<JobSetFollower, Set<string>>();
  /** The jobs that have not ended and are not refused. */
  readonly #watches = new Map<string, JobWatch>();
  /** What cancels the wait for the final cost of a job. */
  readonly #waits = new Map<string, () => void>();
  readonly #refusedKeys = new Set<Credential>();
  #isAboutToShare = false;
  /** The name by which others find it; null where they do not. */
  #noted: string | null = null;
  #client: string;

  /**
   * Begins to watch, for followers that are to join at once.
   *
   * @param credentials The keys to watch with: one at least.
   */
  constructor(
    qrns: readonly string[],
    credentials: readonly Credential[],
    { pollers, shared, clock, client }: JobSetOptions,
  ) {
    this.pollers = pollers;
    this.#shared = shared;
    this.credentials = credentials;
    this.#client = client;
    this.#clock = clock;
    for (const qrn of qrns) this.#watches.set(qrn, new JobWatch(qrn, this));
  }

  /** Where the latest follower came from. */
  get client(): string {
    return this.#client;
  }

  /** Lets one more follow. It receives each job once that is as fresh as for the first one of a set. */
  join(follower: JobSetFollower, client: string): void {
    this.#client = client;
    this.#followers.add(follower);
    this.#showAgain(follower, new Set(this.#watches.keys()));
  }

  /** A follower leaves. The set ends with its last one. */
  leave(follower: JobSetFollower): void {
    this.#followers.delete(follower);
    this.#newcomers.delete(follower);
    if (this.#followers.size === 0) this.#close();
  }

  isWatching(qrn: string): boolean {
    return this.#watches.has(qrn);
  }

  /**
   * The same for all sets that watch the same jobs with the same keys, and see each with the same one. Null while a set may tell
   * something else than another one would: a job has yet to be shown, or waits for its cost, or was sought with several keys, or
   * a key was refused.
   */
  get name(): string | null {
    if (this.#refusedKeys.size > 0 || this.#waits.size > 0) return null;
    const seen: (readonly [qrn: string, label: string])[] = [];
    for (const { qrn, onlyKey } of this.#watches.values()) {
      if (onlyKey === null) return null;
      seen.push([qrn, onlyKey.label]);
    }
    return toName(this.credentials, seen);
  }

  readonly onUpdate = (qrn: string, update: JobUpdate, isNew: boolean): void => {
    const waiting = this.#takeWaiting(qrn);
    for (const follower of isNew ? this.#followers : waiting) follower.onUpdate(qrn, update);
    if (!isNew) return;
    // Followers may leave when they are told.
    if (!this.isWatching(qrn)) return;
    if (update instanceof Error || hasEnded(update)) this.#end(qrn);
    else if (isTerminal(update.job.status)) this.#awaitCost(qrn);
    // With one key, another state of a job is no reason for another name.
    else if (this.#noted !== null && this.credentials.length === 1) return;
    this.#shareSoon();
  };

  readonly onKeyRefused = (credential: Credential): void => {
    this.#refusedKeys.add(credential);
    const left = this.credentials.filter((other) => !this.#refusedKeys.has(other));
    for (const follower of this.#followers) follower.onKeyRefused(credential, left);
  };

  #showAgain(follower: JobSetFollower, qrns: Set<string>): void {
    this.#newcomers.set(follower, qrns);
    for (const qrn of qrns) this.#watches.get(qrn)?.showAgain();
  }

  /** The newcomers that wait for a job. From now on they do no more. */
  #takeWaiting(qrn: string): readonly JobSetFollower[] {
    const waiting: JobSetFollower[] = [];
    for (const [follower, qrns] of this.#newcomers) {
      if (qrns.delete(qrn)) waiting.push(follower);
      if (qrns.size === 0) this.#newcomers.delete(follower);
    }
    return waiting;
  }

  /** After all that happens at once: a poller tells all who watch a job with its key one after the other. */
  #shareSoon(): void {
    if (this.#isAboutToShare) return;
    this.#isAboutToShare = true;
    queueMicrotask(() => {
      this.#isAboutToShare = false;
      if (this.#watches.size > 0) this.#share();
    });
  }

  #share(): void {
    const { name } = this;
    const shared = findShared(name, this.#shared);
    if (shared === null || shared === this) this.#note(name);
    else this.#moveTo(shared);
  }

  /** Lets others find it by this name, and by no other one. */
  #note(name: string | null): void {
    const sets = this.#shared;
    if (this.#noted !== null && sets.get(this.#noted) === this) sets.delete(this.#noted);
    if (name !== null) sets.set(name, this);
    this.#noted = name;
  }

  #moveTo(shared: JobSet): void {
    for (const follower of this.#followers) {
      shared.#followers.add(follower);
      follower.onMove(this, shared);
    }
    for (const [follower, qrns] of this.#newcomers) shared.#showAgain(follower, qrns);
    this.#followers.clear();
    this.#newcomers.clear();
    this.#close();
  }

  #awaitCost(qrn: string): void {
    if (this.#waits.has(qrn)) return;
    const cancel = this.#clock.schedule(AWAIT_COST_MS, () => this.#end(qrn));
    this.#waits.set(qrn, cancel);
  }

  #end(qrn: string): void {
    this.#leaveJob(qrn);
    if (this.#watches.size > 0) {
      this.#shareSoon();
      return;
    }
    const followers = [...this.#followers];
    this.#followers.clear();
    this.#newcomers.clear();
    this.#close();
    for (const follower of followers) follower.onEnd(this);
  }

  #close(): void {
    this.#note(null);
    for (const qrn of [...this.#watches.keys()]) this.#leaveJob(qrn);
  }

  #leaveJob(qrn: string): void {
    this.#waits.get(qrn)?.();
    this.#waits.delete(qrn);
    this.#watches.get(qrn)?.leave();
    this.#watches.delete(qrn);
  }
}

function toName(
  credentials: readonly Credential[],
  seen: readonly (readonly [qrn: string, label: string])[],
): string {
  return JSON.stringify([credentials.map(({ label, key }) => [label, key.fingerprint]), seen]);
}

/**
 * The name that a set of these jobs will have as soon as it has shown them. Null for several keys: who comes now may find another
 * one to see a job with, or other reasons why none does.
 */
function nameToBe(qrns: readonly string[], credentials: readonly Credential[]): string | null {
  const [only, another] = credentials;
  if (only === undefined || another !== undefined) return null;
  return toName(
    credentials,
    qrns.map((qrn) => [qrn, only.label]),
  );
}

/** The set that has this name now. */
function findShared(name: string | null, sets: ReadonlyMap<string, JobSet>): JobSet | null {
  const shared = name === null ? undefined : sets.get(name);
  // It may have got another name by now.
  return shared?.name === name ? shared : null;
}

/** Whether nothing more is to come: the job has its final state and cost, or its result is withheld. */
function hasEnded({ job: { status, cost } }: JobView): boolean {
  return status === 'HOLD' || (isTerminal(status) && cost !== null);
}
