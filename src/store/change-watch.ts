import type { Credential } from '../auth/api-key.ts';
import type { JobStore } from './job-store.ts';

/** A part of the cache, and how far it had come. */
export interface PartitionState {
  readonly partition: number;
  readonly content: number;
  readonly reading: number;
}

type Versions = Pick<JobStore, 'partitionOf' | 'versionOf'>;

/** Finds out whether anything was read with the keys of an operation since it began, whoever asked. */
export class ChangeWatch {
  readonly #store: Versions;
  readonly #credentials: readonly Credential[];
  /** How far the parts of the keys had come when the operation began. */
  readonly begin: readonly PartitionState[];

  constructor(store: Versions, credentials: readonly Credential[]) {
    this.#store = store;
    this.#credentials = credentials;
    this.begin = this.#readStates();
  }

  /** How far the parts of the keys have come by now. */
  get now(): readonly PartitionState[] {
    return this.#readStates();
  }

  /** Whether a key was refused, or a reading told something else than what was known before. */
  get hasChanged(): boolean {
    return this.#differs((state, before) => state.content !== before.content);
  }

  /** Whether a key was refused, or anything was read, even if it only confirmed what was known. */
  get hasReadings(): boolean {
    return this.#differs((state, before) => state.reading !== before.reading);
  }

  #differs(isOther: (state: PartitionState, before: PartitionState) => boolean): boolean {
    return this.#readStates().some((state, index) => {
      const before = this.begin[index];
      return before === undefined || state.partition !== before.partition || isOther(state, before);
    });
  }

  #readStates(): readonly PartitionState[] {
    return this.#credentials.map(({ key }) => {
      const partition = this.#store.partitionOf(key);
      const { content, reading } = this.#store.versionOf(partition);
      return { partition, content, reading };
    });
  }
}
