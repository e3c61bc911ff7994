/**
 * What became of one read: the cache had it (`hit`), or had it older than ordinarily fresh (`stale`); it waited for a
 * request of another (`joined`); or a request went out (`sent`), and was answered (`landed`) or failed (`failed`), or was
 * not let out (`refused`).
 */
export type StoreEventKind = 'hit' | 'stale' | 'joined' | 'sent' | 'landed' | 'refused' | 'failed';

/** One step of a read, as observers hear of it. */
export interface StoreEvent {
  readonly kind: StoreEventKind;
  /** The name of the resource. */
  readonly resource: string;
  /** How long the request took, in milliseconds: 0 unless it landed or failed. */
  readonly durationMs: number;
}

/** Hears what happens in the read pipeline. Must not throw. */
export type StoreObserver = (event: StoreEvent) => void;
