import type { Credential } from '../auth/api-key.ts';
import type { JobStore } from '../store/job-store.ts';

/** Finds out which keys of an operation the qBraid API refuses while the operation runs, whoever asked with them. */
export class RefusalWatch {
  readonly #store: Pick<JobStore, 'partitionOf'>;
  readonly #credentials: readonly Credential[];
  /** Their labels. Made with the first: most operations have none, and streams are open for long. */
  #refused: Set<string> | null = null;
  #partitions: readonly number[];

  constructor(store: Pick<JobStore, 'partitionOf'>, credentials: readonly Credential[]) {
    this.#store = store;
    this.#credentials = credentials;
    this.#partitions = this.#readPartitions();
  }

  /** Whether a key was refused since the last call, or since the watch began. */
  findNew(): boolean {
    const before = this.#partitions;
    this.#partitions = this.#readPartitions();
    const refused = this.#credentials.filter((_, index) => this.#partitions[index] !== before[index]);
    if (refused.length > 0)
      this.#refused = new Set([...(this.#refused ?? []), ...refused.map(({ label }) => label)]);
    return refused.length > 0;
  }

  /** Whether the next call of `findNew` will find anything. */
  get hasNew(): boolean {
    return this.#readPartitions().some((partition, index) => partition !== this.#partitions[index]);
  }

  /** The keys' parts of the cache, if none of the keys was refused since the watch began: null otherwise. */
  unrefused(): readonly number[] | null {
    return this.#refused !== null || this.hasNew ? null : this.#partitions;
  }

  /** Whether one of the keys with these labels was ever refused, as far as `findNew` has found out. */
  hasAny(labels: readonly string[]): boolean {
    return this.#refused !== null && labels.some((label) => this.#refused?.has(label));
  }

  #readPartitions(): readonly number[] {
    return this.#credentials.map(({ key }) => this.#store.partitionOf(key));
  }
}
