import type { ApiKey } from '../auth/api-key.ts';
import type { Credential } from '../auth/credential.ts';
import { Watcher, type WatcherOptions } from './watcher.ts';

export type WatchHubOptions = Pick<WatcherOptions, 'store' | 'clock' | 'limits'>;

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
    const onIdle = () => this.#watchers.delete(fingerprint);
    const watcher = new Watcher({ ...this.#options, key, onIdle });
    this.#watchers.set(fingerprint, watcher);
    return watcher;
  }

  /** Which of these keys the job was last seen through, as far as the process remembers. Asks nobody. */
  lastToSee(credentials: readonly Credential[], qrn: string): Credential | null {
    return this.#options.store.lastToSee(credentials, qrn);
  }

  /** How many keys are watched with. */
  get size(): number {
    return this.#watchers.size;
  }
}
