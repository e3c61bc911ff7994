import { LRUCache } from 'lru-cache';
import { atMost } from '../lib/at-most.ts';
import type { Clock } from '../lib/clock.ts';
import type { KeyReader } from '../store/admission/upstream-port.ts';
import { KeyView, type KeyViewOptions } from './key-view.ts';

/** What all views are made of. */
export type KeyViewsOptions = Omit<KeyViewOptions, 'key' | 'account' | 'onNews'>;

/** How many keys of each sort are followed. */
const MAX_VIEWS = 10_000;

/** A key that nobody has used for so long is not followed any more, in milliseconds: so long the fleet keeps readings. */
const IDLE_MS = 900_000;

/** How often idle keys are looked for, in milliseconds. */
const SWEEP_MS = 60_000;

/**
 * The views of the keys that were used last, by fingerprint. Those of strangers, keys that upstream never accepted, are kept apart:
 * whoever tries one key after another makes no other be read anew from the log.
 */
export class KeyViews {
  readonly #options: KeyViewsOptions;
  readonly #proven: LRUCache<string, KeyView>;
  readonly #strangers: LRUCache<string, KeyView>;
  readonly #ofPartitions = new LRUCache<number, KeyView>(atMost(MAX_VIEWS));
  readonly #listeners = new Map<string, Set<() => void>>();
  #isSweeping = false;

  constructor(options: KeyViewsOptions) {
    this.#options = options;
    this.#proven = openViews(options.clock);
    this.#strangers = openViews(options.clock);
  }

  /** The view of a key: always the same one for the same account. */
  of({ key, account }: KeyReader): KeyView {
    const { fingerprint } = key;
    let view = this.#proven.get(fingerprint) ?? this.#strangers.get(fingerprint);
    if (view === undefined || view.account !== account) {
      view?.close();
      this.#proven.delete(fingerprint);
      const onNews = () => {
        for (const listener of [...(this.#listeners.get(fingerprint) ?? [])]) listener();
      };
      view = new KeyView({ ...this.#options, key, account, onNews });
      this.#strangers.set(fingerprint, view);
      this.#sweepLater();
    }
    if (account.isProven && this.#strangers.delete(fingerprint)) this.#proven.set(fingerprint, view);
    if (this.#ofPartitions.get(account.partition) !== view) this.#ofPartitions.set(account.partition, view);
    return view;
  }

  /** The view whose readings go to this part of the cache: null where none is known. */
  ofPartition(partition: number): KeyView | null {
    const view = this.#ofPartitions.get(partition);
    return view?.account.partition === partition ? view : null;
  }

  /** Calls the listener whenever others have changed what is known of a key. Returns what ends that. */
  onNews({ key: { fingerprint } }: KeyReader, listener: () => void): () => void {
    const listeners = this.#listeners.get(fingerprint) ?? new Set();
    this.#listeners.set(fingerprint, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(fingerprint);
    };
  }

  /** All views. */
  *all(): Iterable<KeyView> {
    yield* this.#proven.values();
    yield* this.#strangers.values();
  }

  /** The views of the keys whose news somebody listens to. */
  *watched(): Iterable<KeyView> {
    for (const fingerprint of this.#listeners.keys()) {
      const view = this.#proven.peek(fingerprint) ?? this.#strangers.peek(fingerprint);
      if (view !== undefined) yield view;
    }
  }

  #sweepLater(): void {
    if (this.#isSweeping) return;
    this.#isSweeping = true;
    this.#options.clock.schedule(SWEEP_MS, () => {
      this.#isSweeping = false;
      this.#proven.purgeStale();
      this.#strangers.purgeStale();
      if (this.#proven.size + this.#strangers.size > 0) this.#sweepLater();
    });
  }
}

/** A view that is only moved elsewhere is not closed. */
function openViews(clock: Clock): LRUCache<string, KeyView> {
  return new LRUCache({
    ...atMost(MAX_VIEWS),
    ttl: IDLE_MS,
    updateAgeOnGet: true,
    perf: clock,
    ttlResolution: 0,
    dispose: (view, _, reason) => {
      if (reason !== 'delete') view.close();
    },
  });
}
