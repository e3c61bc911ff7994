import type { Reader } from './read-scope.ts';

/**
 * What became of one read: the cache had it (`hit`), or had it older than ordinarily fresh (`stale`); it waited for a
 * request of another (`joined`); or a request went out (`sent`), was not let out (`refused`), or failed (`failed`).
 */
export type StoreEventKind = 'hit' | 'stale' | 'joined' | 'sent' | 'refused' | 'failed';

export interface StoreEvent {
  readonly kind: StoreEventKind;
  /** The name of the resource. */
  readonly resource: string;
  readonly reader: Reader;
}

/** Hears what happens in the read pipeline. Must not throw. */
export type StoreObserver = (event: StoreEvent) => void;
