import { isDeepStrictEqual } from 'node:util';
import type { Credential } from '../auth/api-key.ts';
import { isFailure, isRefusal } from '../jobs/failures.ts';
import { KeysFailedError } from '../jobs/keys-failed-error.ts';
import { later, NEVER, type Seq } from '../jobs/seq.ts';
import type { Clock } from '../lib/clock.ts';
import { toError } from '../lib/to-error.ts';
import type { Turns } from '../lib/turns.ts';
import type { JobSourceView } from '../paging/job-connection.ts';
import type { JobStore } from '../store/job-store.ts';
import type { PollLimits, PollTimer } from './poll-timer.ts';

/** What several keys gave together: a page of a list, or numbers of jobs. */
export interface Merged {
  /** One for each key. */
  readonly sources: readonly JobSourceView[];
}

/** A page, and whether any of it is older than its ordinary freshness. */
export interface ListReading<Page extends Merged> {
  readonly page: Page;
  readonly isStale: boolean;
}

/** How pages of one kind are compared. */
export interface PageKind<Page> {
  /** What clients can see of a page, but for the time at which it was read. */
  visiblePartOf(page: Page): unknown;
  /** The age of the newest of what it shows, in milliseconds: while it is new, it is polled often. */
  ageOfNewestMs(page: Page): number;
}

/** Reads the page as it is now. */
export type ReadList<Page extends Merged> = (options: {
  /** Nothing older will do, in milliseconds. */
  readonly maxAgeMs: number;
  /** Aborts when nobody waits for the page any more. */
  readonly signal: AbortSignal;
  /** Where given, only the cache is asked, and what was read since then will do, too. */
  readonly cachedSince?: Seq;
}) => Promise<ListReading<Page>>;

export interface ListPollerOptions<Page> {
  readonly store: Pick<JobStore, 'partitionOf' | 'seq'>;
  readonly clock: Clock;
  readonly limits: PollLimits;
  /** The keys whose lists are merged in the page. */
  readonly credentials: readonly Credential[];
  readonly kind: PageKind<Page>;
  /** Says when to poll. */
  readonly timer: PollTimer;
  /** Says when to give a page to one of many subscribers. */
  readonly turns: Turns;
  /** Called when the last subscriber has left. The poller has then ended for good. */
  readonly onIdle: () => void;
}

export interface ListSubscriber<Page extends Merged> {
  /** Reads the page for all subscribers, while this one is the first of them. */
  readonly read: ReadList<Page>;
  /** Receives the page once it is known, and whenever anything in it changes. */
  readonly onReading: (reading: ListReading<Page>) => void;
  /**
   * A key is refused, and no other key gives the page for now: what was received must not be shown. Returns whether
   * something was left to be taken back. Then the subscriber receives the page again.
   */
  readonly onKeyRefused: () => boolean;
  /** Receives the error after which no page follows. It is unsubscribed by then. */
  readonly onEnd: (error: Error) => void;
}

/** The latest page. */
interface Latest<Page extends Merged> {
  readonly reading: ListReading<Page>;
  readonly visible: unknown;
  /** Counts the changes of what is visible, from 1. */
  readonly version: number;
  /** When the page was read (`Clock.now`), and the latest event of the store by then. */
  readonly readAtMs: number;
  readonly seq: Seq;
  /** The keys' parts of the cache when the page was read. */
  readonly partitions: readonly number[];
}

/**
 * Reads one page of a list, or what else several keys give together, again and again, for all who show it: one reading and one
 * comparison for each poll, however many they are. A failure that may pass is not reported: the next poll may succeed.
 */
export class ListPoller<Page extends Merged> {
  readonly #options: ListPollerOptions<Page>;
  /** The version that each subscriber received last: 0 for none. */
  readonly #subscribers = new Map<ListSubscriber<Page>, number>();
  /** Those that have yet to receive the latest page. */
  readonly #behind = new Set<ListSubscriber<Page>>();
  /** Aborts when the poller ends. */
  readonly #ending = new AbortController();
  #unsubscribeFromTimer: (() => void) | null = null;
  #latest: Latest<Page> | null = null;
  /** The latest event of the store when the page was last read: by a poll, or as others had read it. */
  #readSeq = NEVER;
  /** The same, only of what others had read. */
  #newsSeq = NEVER;
  /** The poll that is reading: null for none. What another one gives is ignored. */
  #current: object | null = null;
  /** The latest event of the store when clients last changed something: no page from before is given. */
  #changedSeq = NEVER;

  constructor(options: ListPollerOptions<Page>) {
    this.#options = options;
  }

  /** Calls the subscriber with the page at once where nothing newer is known, else once it is read. Returns what unsubscribes it. */
  subscribe(subscriber: ListSubscriber<Page>): () => void {
    const { timer, clock, limits } = this.#options;
    const nowMs = clock.now();
    this.#subscribers.set(subscriber, 0);
    if (this.#unsubscribeFromTimer === null) {
      this.#unsubscribeFromTimer = timer.subscribe(
        // What another operation has just read is fresh enough. What the last poll read is not.
        {
          poll: (_, isAnew) => this.#poll(limits.minIntervalMs / 2, isAnew),
          look: (since) => this.#look(since),
        },
        nowMs,
      );
    } else {
      timer.speedUp(0, nowMs);
    }
    if (this.#isNewest(nowMs)) this.#give(subscriber);
    else this.#poll(limits.minIntervalMs);
    return () => this.#unsubscribe(subscriber);
  }

  #unsubscribe(subscriber: ListSubscriber<Page>): void {
    this.#behind.delete(subscriber);
    if (!this.#subscribers.delete(subscriber) || this.#subscribers.size > 0) return;
    this.#ending.abort();
    this.#unsubscribeFromTimer?.();
    this.#options.onIdle();
  }

  /** Whether a reading now would give the latest page again: it is recent, and nobody has read anything since. */
  #isNewest(nowMs: number): boolean {
    const { store, limits } = this.#options;
    if (this.#latest === null || nowMs - this.#latest.readAtMs > limits.minIntervalMs) return false;
    return this.#latest.seq === store.seq && !this.#isRefusedSince(this.#latest);
  }

  async #poll(maxAgeMs: number, isAnew = false): Promise<void> {
    if (isAnew) this.#changedSeq = this.#options.store.seq;
    // Who comes while the page is being read receives that reading.
    else if (this.#current !== null) return;
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
    const { signal } = this.#ending;
    for (let readings = 0; readings <= this.#options.credentials.length; readings += 1) {
      const [reader] = this.#subscribers.keys();
      if (reader === undefined) return;
      const partitions = this.#readPartitions();
      const reading = await reader.read({ maxAgeMs, signal });
      if (isOver()) return;
      if (this.#isRefusedSince({ reading, partitions })) continue;
      this.#onReading(reading, partitions);
      this.#readSeq = this.#options.store.seq;
      return;
    }
  }

  /** Takes the page if others have read all of it. Leaves a poll alone that is under way, or has come in between. */
  async #look(since: Seq): Promise<boolean> {
    const [reader] = this.#subscribers.keys();
    if (reader === undefined || this.#current !== null) return false;
    const { signal } = this.#ending;
    const { seq } = this.#options.store;
    const latest = this.#latest;
    const partitions = this.#readPartitions();
    const cachedSince = later(since, this.#readSeq);
    const reading = await reader.read({ maxAgeMs: 0, signal, cachedSince }).catch(() => null);
    const isOvertaken = signal.aborted || this.#current !== null || this.#latest !== latest;
    if (reading !== null && !isOvertaken && !this.#isRefusedSince({ reading, partitions })) {
      this.#onReading(reading, partitions);
      this.#readSeq = seq;
      this.#newsSeq = seq;
    }
    return this.#newsSeq > since;
  }

  #onReading(reading: ListReading<Page>, partitions: readonly number[]): void {
    const { timer, clock, store, kind } = this.#options;
    const readAtMs = clock.now();
    const visible = kind.visiblePartOf(reading.page);
    const isSame = isDeepStrictEqual(visible, this.#latest?.visible);
    if (!isSame) timer.speedUp(kind.ageOfNewestMs(reading.page), readAtMs);
    const version = (this.#latest?.version ?? 0) + (isSame ? 0 : 1);
    this.#latest = { reading, visible, version, readAtMs, seq: store.seq, partitions };
    const behind = [...this.#subscribers].filter(([, received]) => received !== version);
    for (const [subscriber] of behind) this.#give(subscriber);
  }

  /** Gives the page to a subscriber that is behind: the one which is the latest when its turn comes. */
  #give(subscriber: ListSubscriber<Page>): void {
    if (this.#behind.has(subscriber)) return;
    this.#behind.add(subscriber);
    this.#options.turns.take(() => {
      if (!this.#behind.delete(subscriber) || this.#latest === null) return;
      if (this.#latest.seq < this.#changedSeq || this.#isRefusedSince(this.#latest)) return;
      this.#subscribers.set(subscriber, this.#latest.version);
      subscriber.onReading(this.#latest.reading);
    });
  }

  #onError(error: unknown): void {
    const failures = error instanceof KeysFailedError ? error.failures.map((failure) => failure.error) : [];
    // No failures of keys: a fault of ours, which ends the streams too.
    if (failures.every(isRefusal)) this.#fail(toError(error, 'A list could not be read.'));
    else if (failures.some(({ kind }) => kind === 'unauthenticated')) this.#takeBack();
  }

  #fail(error: Error): void {
    for (const subscriber of [...this.#subscribers.keys()]) {
      this.#unsubscribe(subscriber);
      subscriber.onEnd(error);
    }
  }

  #takeBack(): void {
    this.#behind.clear();
    for (const subscriber of this.#subscribers.keys()) {
      if (subscriber.onKeyRefused()) this.#subscribers.set(subscriber, 0);
    }
  }

  /** Whether a key that gave a part of a page was refused after the page was begun: its part must not be shown. */
  #isRefusedSince({ reading, partitions }: Pick<Latest<Page>, 'reading' | 'partitions'>): boolean {
    const now = this.#readPartitions();
    return this.#options.credentials.some(({ label }, index) => {
      const source = reading.page.sources.find(({ key }) => key === label);
      return source !== undefined && !isFailure(source.result) && now[index] !== partitions[index];
    });
  }

  #readPartitions(): readonly number[] {
    const { store, credentials } = this.#options;
    return credentials.map(({ key }) => store.partitionOf(key));
  }
}

/** What clients can see of what each key gave. */
export function visibleSources({ sources }: Merged): unknown {
  return sources.map(({ key, result }) => ({ key, result: isFailure(result) ? result.kind : result }));
}
