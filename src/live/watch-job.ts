import type { Credential } from '../auth/api-key.ts';
import { isFailure } from '../jobs/failures.ts';
import { hasComeFurther, isSameJob } from '../jobs/job-progress.ts';
import { type KeyFailure, KeysFailedError, rankOf } from '../jobs/keys-failed-error.ts';
import type { FetchedJob, JobView } from '../jobs/list-page.ts';
import type { ReadOutcome } from '../store/read-jobs.ts';
import type { JobPollers } from './job-pollers.ts';
import type { KeyPoller } from './key-poller.ts';
import type { JobSubscriber, JobSubscription } from './watched-job.ts';

/** A job as it is now, or the error after which it is no longer watched. */
export type JobUpdate = JobView | Error;

/** Why a key failed, and the job as it was last seen with it by then. */
interface WatchFailure extends KeyFailure {
  readonly seen: FetchedJob | null;
}

/** What the watches of a set have in common. */
export interface JobWatchOptions {
  readonly pollers: JobPollers;
  /** The keys to watch with: one at least. */
  readonly credentials: readonly Credential[];
  /** Where the watch came from: see `ReadScope.client`. */
  readonly client: string;
  /**
   * Receives a job at once and whenever it changes.
   *
   * @param isNew False where it is only shown again: see `JobWatch.showAgain`.
   */
  readonly onUpdate: (qrn: string, update: JobUpdate, isNew: boolean) => void;
  /** Receives a key that the qBraid API does not accept any more. */
  readonly onKeyRefused: (credential: Credential) => void;
}

/**
 * Watches a job with the key that it was last seen with, else with all keys until one sees it. While that key fails, is
 * held or takes long, the other keys are asked too; the first key that gives the job is then the one to watch with. Where another key
 * has shown more of the job to somebody else, that is reported, and that key watched with, too: alone once it gives the job itself.
 * Reports an error once no key may see the job. A process may have a hundred thousand of them: each holds only what it needs.
 */
export class JobWatch {
  readonly qrn: string;
  readonly #options: JobWatchOptions;
  /** Mostly one. */
  #watches: readonly KeyWatch[] = [];
  /** Null until a key fails. */
  #failures: Map<Credential, WatchFailure> | null = null;
  #seenWith: Credential | null = null;
  /** As it was reported last. */
  #reported: FetchedJob['job'] | null = null;

  constructor(qrn: string, options: JobWatchOptions) {
    this.qrn = qrn;
    this.#options = options;
    const { pollers, credentials } = options;
    const likeliest = pollers.lastToSee(credentials, qrn);
    this.#watchWith(likeliest === null ? credentials : [likeliest]);
  }

  get client(): string {
    return this.#options.client;
  }

  /**
   * The key that the job was reported with, if all that is known is that this key sees it: two such watches of the same job and
   * keys, with the same key, report the same from then on. Null otherwise.
   */
  get onlyKey(): Credential | null {
    return this.#watches.length === 1 && this.#failures === null ? this.#seenWith : null;
  }

  /** Reports the job again, once it is as fresh as for one who comes now. */
  showAgain(): void {
    for (const watch of this.#watches) watch.showAgain();
  }

  /** Ends the watch. */
  leave(): void {
    for (const watch of this.#watches) watch.leave();
    this.#watches = [];
  }

  onOutcome(credential: Credential, outcome: FetchedJob | Error): void {
    if (outcome instanceof Error) this.#onFailure(credential, outcome);
    else this.#onJob(credential, outcome);
  }

  onDelay(credential: Credential, isDelayed: boolean): void {
    if (isDelayed) this.#watchWith(this.#untried());
    else if (credential === this.#seenWith) this.#leaveAllBut(credential);
  }

  #watchWith(asked: readonly Credential[]): void {
    const { pollers } = this.#options;
    const begun = asked.map((credential) => new KeyWatch(this, credential, pollers));
    this.#watches = [...this.#watches, ...begun];
  }

  #untried(): readonly Credential[] {
    const isTried = (credential: Credential) =>
      this.#failures?.has(credential) || this.#watchOf(credential) !== undefined;
    return this.#options.credentials.filter((credential) => !isTried(credential));
  }

  #watchOf(credential: Credential): KeyWatch | undefined {
    return this.#watches.find((watch) => watch.credential === credential);
  }

  #leaveIf(isLeft: (credential: Credential) => boolean): void {
    for (const watch of this.#watches) if (isLeft(watch.credential)) watch.leave();
    this.#watches = this.#watches.filter(({ credential }) => !isLeft(credential));
  }

  #leaveAllBut(kept: Credential): void {
    if (this.#watches.length > 1) this.#leaveIf((credential) => credential !== kept);
  }

  /** The latest reading with the key that the job is seen with. Once that key fails, whatever another key gives counts. */
  get #latest(): FetchedJob | null {
    const seenWith = this.#seenWith;
    if (seenWith === null || this.#failures?.has(seenWith)) return null;
    return this.#watchOf(seenWith)?.latest ?? null;
  }

  #onJob(credential: Credential, fetched: FetchedJob): void {
    // A key that is held gives what is cached, which may be older than what another key gave.
    const latest = credential === this.#seenWith ? null : this.#latest;
    if (latest !== null && !hasComeFurther(fetched, latest)) return;
    const [seer, furthest] = this.#findFurther(credential, fetched) ?? [credential, fetched];
    if (this.#watchOf(seer) === undefined) this.#watchWith([seer]);
    // Until that key gives the job itself, which it may fail to do for ever, another one may come further.
    if (seer === credential && !this.#watchOf(seer)?.isDelayed) this.#leaveAllBut(seer);
    this.#report(seer, furthest);
  }

  #report(credential: Credential, fetched: FetchedJob): void {
    const { pollers, onUpdate } = this.#options;
    if (this.#failures?.delete(credential) && this.#failures.size === 0) this.#failures = null;
    const isSame = this.#reported !== null && isSameJob(fetched.job, this.#reported);
    const isNew = !isSame || credential !== this.#seenWith;
    this.#seenWith = credential;
    this.#reported = fetched.job;
    onUpdate(this.qrn, pollers.viewOf(fetched, credential.label), isNew);
  }

  /** The key that has shown more of the job than this reading, to whomever, and what that was. It may have failed before. */
  #findFurther(credential: Credential, fetched: FetchedJob): readonly [Credential, FetchedJob] | null {
    const { pollers, credentials } = this.#options;
    if (credentials.length === 1) return null;
    const others = credentials.filter((other) => other !== credential && !this.#hasFailedSince(other));
    const last = pollers.lastToSee(others, this.qrn);
    const seen = last && this.#lastSeen(last);
    const isFurther = seen && hasComeFurther(seen, fetched) && !isSameJob(seen.job, fetched.job);
    return isFurther ? [last, seen] : null;
  }

  /** Whether a key has failed and shown nothing since. One that is refused is not asked again. */
  #hasFailedSince(credential: Credential): boolean {
    const failure = this.#failures?.get(credential);
    if (failure === undefined) return false;
    return failure.error.kind === 'unauthenticated' || failure.seen === this.#lastSeen(credential);
  }

  #lastSeen({ key }: Credential): FetchedJob | null {
    return this.#options.pollers.lastSeen(key, this.qrn);
  }

  #onFailure(credential: Credential, error: Error): void {
    const { onUpdate, onKeyRefused } = this.#options;
    if (!isFailure(error)) {
      onUpdate(this.qrn, error, true);
      return;
    }
    this.#failures ??= new Map();
    this.#failures.set(credential, { label: credential.label, error, seen: this.#lastSeen(credential) });
    if (error.kind === 'unauthenticated') onKeyRefused(credential);
    if (this.#watches.length === 1) this.#watchWith(this.#untried());
    this.#leaveIf((each) => each === credential);
    if (this.#watches.length === 0) onUpdate(this.qrn, this.#toRefusal(this.#failures), true);
    else if (this.#latest === null) this.#takeIgnored();
  }

  /**
   * Takes what did not count when another key gave it: that key has nothing more to say until the job changes. Others may have been
   * shown more with it since it was polled.
   */
  #takeIgnored(): void {
    const given = this.#watches.flatMap(({ credential, latest }) =>
      latest === null ? [] : [[credential, this.#lastSeen(credential) ?? latest] as const],
    );
    const [furthest] = given.toSorted(([, a], [, b]) => (hasComeFurther(a, b) ? -1 : 1));
    if (furthest !== undefined) this.#onJob(...furthest);
  }

  /** First why the key that saw the job may no longer see it, then in the order of a query for the job. */
  #toRefusal(failures: ReadonlyMap<Credential, KeyFailure>): KeysFailedError {
    const wasSeenWith = (credential: Credential) => Number(credential === this.#seenWith);
    const inOrder = [...failures].sort(
      ([a, failure], [b, other]) => wasSeenWith(b) - wasSeenWith(a) || rankOf(failure) - rankOf(other),
    );
    const [[, first] = []] = inOrder;
    // A key that is refused is refused for all jobs that were watched with it.
    const isOfKey = first?.error.kind === 'unauthenticated';
    return new KeysFailedError(
      inOrder.map(([, { label, error }]) => ({ label, error })),
      isOfKey ? {} : { qrn: this.qrn },
    );
  }
}

/** The part of a watch that one key has. */
class KeyWatch implements JobSubscriber {
  readonly credential: Credential;
  readonly #watch: JobWatch;
  readonly #poller: KeyPoller;
  readonly #subscription: JobSubscription;

  constructor(watch: JobWatch, credential: Credential, pollers: JobPollers) {
    this.#watch = watch;
    this.credential = credential;
    this.#poller = pollers.pollerOf(credential.key);
    this.#subscription = this.#poller.watchJob(watch.qrn, this);
  }

  get latest(): FetchedJob | null {
    return this.#subscription.latest;
  }

  /** Whether what the key gives is what others were shown, or what is cached, while it cannot be read with. */
  get isDelayed(): boolean {
    return this.#subscription.job.isDelayed;
  }

  showAgain(): void {
    this.#poller.showAgain(this.#subscription);
  }

  leave(): void {
    this.#poller.leave(this.#subscription);
  }

  get client(): string {
    return this.#watch.client;
  }

  onOutcome(outcome: ReadOutcome): void {
    this.#watch.onOutcome(this.credential, outcome);
  }

  onDelay(isDelayed: boolean): void {
    this.#watch.onDelay(this.credential, isDelayed);
  }
}
