import type { Seq, Stamp } from '../../jobs/seq.ts';
import type { Abandonment } from '../../lib/abandonment.ts';
import type { KeyAccount } from './key-account.ts';

/**
 * The store's one way upstream: whether a request may go out now, and what came of it. `Admission` is the way of a
 * process by itself. Processes that share a budget and what they read put another one in its place.
 */
export interface UpstreamPort {
  /**
   * Waits until a request may go out, and counts it. Gives the permit, or what the cache has got meanwhile. Each permit
   * must be told once what came of its request. No promise where nothing is to be waited for, as mostly.
   *
   * @throws {UpstreamError} what the qBraid API would say: the key is refused or held, or upstream is failing; `overloaded`
   *   where too many requests are under way.
   */
  enter<T>(request: PendingRequest<T>): Permit | Promise<Permit | Served<T>>;

  /** The seq of the latest event. */
  readonly seq: Seq;
}

/** A request that wants to go out. */
export interface PendingRequest<T> {
  readonly account: KeyAccount;
  /** Where it came from: see `ReadScope.client`. */
  readonly client: string;
  /** What is asked for, by a name that is the same for the same thing. */
  readonly subject: string;
  /** Whether the operation asks for the first time with this key. Later requests of an operation are never refused as too many. */
  readonly isFirst: boolean;
  /** Whether the request may use the part of the budget that is kept for those who want nothing from the cache. */
  readonly mayUseReserve: boolean;
  /** What is wanted, if the cache has it by now. Is called where there was a wait. */
  readonly lookup: () => T | null;
  /** Aborts when nobody wants the answer any more. */
  readonly signal: Abandonment;
}

/** What the cache has got while a request waited, so that none needs to be sent. */
export interface Served<T> {
  readonly served: T;
}

/** The permission to send one request. */
export interface Permit {
  /** When it was given. */
  readonly askedSeq: Seq;
  /** Counts the same request once more, where its connection was lost. False where it may not be sent again. */
  retry(): boolean;
  /** Notes that the request was answered, and says when. */
  landed(answer: unknown): Stamp | Promise<Stamp>;
  /** Notes that the request failed or was aborted, and gives the error with what is known of the time to wait. */
  failed(error: unknown): unknown;
}
