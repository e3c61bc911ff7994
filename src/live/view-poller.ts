import type { Credential } from '../auth/api-key.ts';
import { isFailure, isRefusal } from '../jobs/failures.ts';
import { failuresOf } from '../jobs/failures-of.ts';
import { type KeyFailure, KeysFailedError } from '../jobs/keys-failed-error.ts';
import { later, NEVER, type Seq } from '../jobs/seq.ts';
import type { Clock } from '../lib/clock.ts';
import { isEqualJson } from '../lib/is-equal-json.ts';
import { toError } from '../lib/to-error.ts';
import type { JobSourceView } from '../paging/job-connection.ts';
import { ChangeWatch } from '../store/change-watch.ts';
import type { JobStore } from '../store/job-store.ts';
import type { PollLimits, PollTimer } from './poll-timer.ts';

/** What some keys give together: a page of their lists, or the numbers of their jobs. */
export interface MergedView {
  /** One for each key. */
  readonly sources: readonly JobSourceView[];
  /** Whether any of it is older than its ordinary freshness. */
  readonly isStale: boolean;
}

/** How views of one kind are compared. */
export interface ViewKind<View> {
  /** What clients can see of a view, as JSON and times, but for the time at which it was read. */
  visiblePartOf(view: View): unknown;
  /** The age of the newest of what it shows, in milliseconds: while it is new, it is polled often. */
  ageOfNewestMs(view: View): number;
}

/** Reads the view as it is now. */
export type ReadView<View extends MergedView> = (options: {
  /** Nothing older will do, in milliseconds. */
  readonly maxAgeMs: number;
  /** Aborts when nobody waits for the view any more. */
  readonly signal: AbortSignal;
  /** What was read since then will do, too. @default now */
  readonly since?: Seq;
  /** Whether only the cache is asked. @default false */
  readonly onlyIfCached?: boolean;
  /** What keys have failed with by now: these are not asked again. @default nothing */
  readonly failures?: readonly KeyFailure[];
}) => Promise<View>;

export interface ViewPollerOptions<View> {
  readonly store: Pick<JobStore, 'partitionOf' | 'versionOf' | 'seq'>;
  readonly clock: Clock;
  readonly limits: PollLimits;
  /** The keys that give it together. */
  readonly credentials: readonly Credential[];
  readonly kind: ViewKind<View>;
  /** Says when to poll. */
  readonly timer: PollTimer;
  /** Called when the last subscriber has left. The poller has then ended for good. */
  readonly onIdle: () => void;
}

/** Whoever watches a view: can read it, and is told of its states. */
export interface ViewSubscriber<View extends MergedView> {
  /** Reads the view for all subscribers, while this one is the first of them. */
  readonly read: ReadView<View>;
  /** Receives the view once it is known, and whenever anything in it changes. */
  readonly onView: (view: View) => void;
  /**
   * A key is refused, and no other key gives the view for now: what was received must not be shown. Returns whether
   * something was left to be taken back. Then the subscriber receives the view again.
   */
  readonly onKeyRefused: () => boolean;
  /** Receives the error after which no view follows. It is unsubscribed by then. */
  readonly onEnd: (error: Error) => void;
}

/** The latest view. */
interface Latest<View extends MergedView> {
  readonly view: View;
  readonly visible: unknown;
  /** Counts the changes of what is visible, from 1. */
  readonly version: number;
  /** When the view was read (`Clock.now`), and the latest event of the store by then. */
  readonly readAtMs: number;
  readonly seq: Seq;
  /** The keys' parts of the cache when the view was read. */
  readonly partitions: readonly number[];
}

/** So often a poll reads a view of which a part is outdated when the last part comes. Then it gives what it has, as stale. */
const MAX_READINGS = 2;

/**
 * Reads one view again and again, for all who show it: one reading and one comparison for each poll, however many they are. A
 * failure that may pass is not reported: the next poll may succeed.
 */
export class ViewPoller<View extends MergedView> {
  readonly #options: ViewPollerOptions<View>;
  /** The version that each subscriber received last: 0 for none. */
  readonly #subscribers = new Map<ViewSubscriber<View>, number>();
  /** Aborts when the poller ends. */
  readonly #ending = new AbortController();
  #unsubscribeFromTimer: (() => void) | null = null;
  #latest: Latest<View> | null = null;
  /** The latest event of the store when the view was last read: by a poll, or as others had read it. */
  #readSeq = NEVER;
  /** The same, only of what others had read. */
  #newsSeq = NEVER;
  /** The poll that is reading: null for none. What another one gives is ignored. */
  #current: object | null = null;

  constructor(options: ViewPollerOptions<View>) {
    this.#options = options;
  }

  /** Calls the subscriber with the view at once where nothing newer is known, else once it is read. Returns what unsubscribes it. */
  subscribe(subscriber: ViewSubscriber<View>): () => void {
    const { timer, clock, limits } = this.#options;
    const nowMs = clock.now();
    this.#subscribers.set(subscriber, 0);
    if (this.#unsubscribeFromTimer === null) {
      this.#unsubscribeFromTimer = timer.subscribe(
        // What another operation has just read is fresh enough. What the last poll read is not.
        {
          poll: (_, isAnew) => this.#poll(limits.minIntervalMs / 2, isAnew),
          look: (since, seq) => this.#look(since, seq),
        },
        nowMs,
      );
    } else {
      timer.speedUp(0, nowMs);
    }
    if (this.#latest !== null && this.#isNewest(this.#latest, nowMs)) this.#give(subscriber, this.#latest);
    else this.#poll(limits.minIntervalMs);
    return () => this.#unsubscribe(subscriber);
  }

  #unsubscribe(subscriber: ViewSubscriber<View>): void {
    if (!this.#subscribers.delete(subscriber) || this.#subscribers.size > 0) return;
    this.#ending.abort();
    this.#unsubscribeFromTimer?.();
    this.#options.onIdle();
  }

  /** Whether a reading now would give the latest view again: it is recent, and nobody has read anything since. */
  #isNewest(latest: Latest<View>, nowMs: number): boolean {
    const { store, limits } = this.#options;
    if (nowMs - latest.readAtMs > limits.minIntervalMs) return false;
    return latest.seq === store.seq && !this.#isRefusedSince(latest);
  }

  async #poll(maxAgeMs: number, isAnew = false): Promise<void> {
    // Who comes while the view is being read receives that reading, unless a client has changed something since it began.
    if (this.#current !== null && !isAnew) return;
    const poll = {};
    this.#current = poll;
    const isOver = () => this.#current !== poll || this.#ending.signal.aborted;
    try {
      await this.#read(maxAgeMs, isOver);
    } catch (error) {
      if (!isOver()) this.#onError(error);
    } finally {
      if (this.#current === poll) this.#current = null;
    }
  }

  /** Reads until no key is refused after it has given its part. Each further reading asks with one key less, or fewer. */
  async #read(maxAgeMs: number, isOver: () => boolean): Promise<void> {
    for (let readings = 0; readings <= this.#options.credentials.length; readings += 1) {
      const [reader] = this.#subscribers.keys();
      if (reader === undefined) return;
      const partitions = this.#readPartitions();
      const view = await this.#readView(reader, maxAgeMs, isOver);
      if (isOver()) return;
      if (this.#isRefusedSince({ view, partitions })) continue;
      this.#onView(view, partitions);
      this.#readSeq = this.#options.store.seq;
      return;
    }
  }

  /**
   * Reads the view. Its parts come one after the other. Where something else was read of any meanwhile, whoever asked, somebody may
   * have shown that: so it is put together once more, of what the cache has by now. Where that is not all of it, a part is outdated, and
   * is read anew: no other one that was read since the first time.
   */
  async #readView(reader: ViewSubscriber<View>, maxAgeMs: number, isOver: () => boolean): Promise<View> {
    const { store, clock, credentials } = this.#options;
    const { signal } = this.#ending;
    let failures: readonly KeyFailure[] = [];
    const since = store.seq;
    const beganAtMs = clock.now();
    for (let readings = 1; ; readings += 1) {
      const changes = new ChangeWatch(store, credentials);
      const view = await reader.read({ maxAgeMs, signal, since, failures });
      if (isOver() || !changes.hasChanged) return view;
      failures = failuresOf(view.sources);
      const soMuchOlderMs = clock.now() - beganAtMs;
      const fromCache = { maxAgeMs: maxAgeMs + soMuchOlderMs, signal, since, onlyIfCached: true, failures };
      const renewed = await reader.read(fromCache).catch(() => null);
      if (renewed !== null) return renewed;
      if (readings === MAX_READINGS) return { ...view, isStale: true };
    }
  }

  /** Takes the view if others have read all of it. Leaves a poll alone that is under way, or has come in between. */
  async #look(since: Seq, seq: Seq): Promise<boolean> {
    const [reader] = this.#subscribers.keys();
    if (reader === undefined || this.#current !== null) return false;
    const { signal } = this.#ending;
    const latest = this.#latest;
    const partitions = this.#readPartitions();
    const fromCache = { maxAgeMs: 0, signal, since: later(since, this.#readSeq), onlyIfCached: true };
    const view = await reader.read(fromCache).catch(() => null);
    const isOvertaken = signal.aborted || this.#current !== null || this.#latest !== latest;
    if (view !== null && !isOvertaken && !this.#isRefusedSince({ view, partitions })) {
      this.#onView(view, partitions);
      this.#readSeq = seq;
      this.#newsSeq = seq;
    }
    return this.#newsSeq > since;
  }

  #onView(view: View, partitions: readonly number[]): void {
    const { timer, clock, store, kind } = this.#options;
    const readAtMs = clock.now();
    const visible = kind.visiblePartOf(view);
    const isSame = isEqualJson(visible, this.#latest?.visible);
    if (!isSame) timer.speedUp(kind.ageOfNewestMs(view), readAtMs);
    const version = (this.#latest?.version ?? 0) + (isSame ? 0 : 1);
    const latest = { view, visible, version, readAtMs, seq: store.seq, partitions };
    this.#latest = latest;
    for (const [subscriber, received] of [...this.#subscribers]) {
      // A subscriber may end its own subscription and others.
      if (received !== version && this.#subscribers.has(subscriber)) this.#give(subscriber, latest);
    }
  }

  #give(subscriber: ViewSubscriber<View>, { view, version }: Latest<View>): void {
    this.#subscribers.set(subscriber, version);
    subscriber.onView(view);
  }

  #onError(error: unknown): void {
    const failures = error instanceof KeysFailedError ? error.failures.map((failure) => failure.error) : [];
    // No failures of keys: a fault of ours, which ends the streams too.
    if (failures.every(isRefusal)) this.#fail(toError(error, 'What is watched could not be read.'));
    else if (failures.some(({ kind }) => kind === 'unauthenticated')) this.#takeBack();
  }

  #fail(error: Error): void {
    for (const subscriber of [...this.#subscribers.keys()]) {
      this.#unsubscribe(subscriber);
      subscriber.onEnd(error);
    }
  }

  #takeBack(): void {
    for (const subscriber of this.#subscribers.keys()) {
      if (subscriber.onKeyRefused()) this.#subscribers.set(subscriber, 0);
    }
  }

  /** Whether a key that gave a part of a view was refused after the view was begun: its part must not be shown. */
  #isRefusedSince({ view, partitions }: Pick<Latest<View>, 'view' | 'partitions'>): boolean {
    const now = this.#readPartitions();
    return this.#options.credentials.some(({ label }, index) => {
      const source = view.sources.find(({ key }) => key === label);
      return source !== undefined && !isFailure(source.result) && now[index] !== partitions[index];
    });
  }

  #readPartitions(): readonly number[] {
    const { store, credentials } = this.#options;
    return credentials.map(({ key }) => store.partitionOf(key));
  }
}

/** What clients can see of what each key gave. */
export function visibleSources(sources: MergedView['sources']): unknown {
  return sources.map(({ key, result }) => ({ key, result: isFailure(result) ? result.kind : result }));
}
