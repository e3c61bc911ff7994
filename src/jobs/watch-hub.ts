import type { ApiKey } from '../auth/api-key.ts';
import type { Clock } from '../lib/clock.ts';
import type { JobStore } from './job-store.ts';
import type { WatchLimits } from './watch-interval.ts';
import { Watcher } from './watcher.ts';

/** The watchers of a process: one for each key that anybody watches with, and none for the others. */
export class WatchHub {
  readonly #options: WatchHubOptions;
  readonly #watchers = new Map<string, Watcher>();

  constructor(options: WatchHubOptions) {
    this.#options = options;
  }

  /** The watcher of a key. It ends by itself once nobody watches any more. */
  watcherOf(key: ApiKey): Watcher {
    const { fingerprint } = key;
    const known = this.#watchers.get(fingerprint);
    if (known !== undefined) return known;
    const onIdle = () => {
      if (this.#watchers.get(fingerprint) === watcher) this.#watchers.delete(fingerprint);
    };
    const watcher: Watcher = new Watcher({ ...this.#options, key, onIdle });
    this.#watchers.set(fingerprint, watcher);
    return watcher;
  }

  /** How many keys are watched with. */
  get size(): number {
    return this.#watchers.size;
  }
}

export interface WatchHubOptions {
  readonly store: JobStore;
  readonly clock: Clock;
  readonly limits: WatchLimits;
}
