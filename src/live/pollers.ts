import type { ApiKey } from '../auth/api-key.ts';
import type { Credential } from '../auth/credential.ts';
import { KeyPoller, type KeyPollerOptions } from './key-poller.ts';

export type PollersOptions = Pick<KeyPollerOptions, 'store' | 'clock' | 'limits'>;

/** The pollers of a process: one for each key that anybody watches with, and none for the others. */
export class Pollers {
  readonly #options: PollersOptions;
  readonly #byKey = new Map<string, KeyPoller>();

  constructor(options: PollersOptions) {
    this.#options = options;
  }

  /** The poller of a key. It ends by itself once nobody watches any more. */
  pollerOf(key: ApiKey): KeyPoller {
    const { fingerprint } = key;
    const known = this.#byKey.get(fingerprint);
    if (known !== undefined) return known;
    const onIdle = () => this.#byKey.delete(fingerprint);
    const poller = new KeyPoller({ ...this.#options, key, onIdle });
    this.#byKey.set(fingerprint, poller);
    return poller;
  }

  /** Which of these keys the job was last seen through, as far as the process remembers. Asks nobody. */
  lastToSee(credentials: readonly Credential[], qrn: string): Credential | null {
    return this.#options.store.lastToSee(credentials, qrn);
  }

  /** How many keys are watched with. */
  get size(): number {
    return this.#byKey.size;
  }
}
