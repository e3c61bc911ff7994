import type { ApiKey } from '../../auth/api-key.ts';
import type { Seq, Stamp } from '../../jobs/seq.ts';
import type { Span } from '../../jobs/span.ts';
import type { Abandonment } from '../../lib/abandonment.ts';
import type { UpstreamError } from '../../upstream/upstream-error.ts';
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

  /**
   * Brings what others have read with a key into the cache, so that nothing older is shown. Null where that is nothing, as
   * mostly. Never rejects.
   */
  catchUp(reader: KeyReader): Promise<unknown> | null;

  /** Whether a part of the cache holds all that anybody has read with its key. */
  isCurrent(partition: number): boolean;

  /**
   * Calls the listener whenever the cache has got what other processes have read with a key, or knows that they found it
   * refused, and when the key may be asked by the budget of all again. Returns what ends that.
   */
  onNews(reader: KeyReader, listener: () => void): () => void;

  /** The seq of the latest event. */
  readonly seq: Seq;
}

/** A key with its account. */
export interface KeyReader {
  readonly key: ApiKey;
  readonly account: KeyAccount;
}

/** A request that wants to go out. */
export interface PendingRequest<T> extends KeyReader {
  /** Where it came from: see `ReadScope.client`. */
  readonly client: string;
  /** What is asked for, by a name that is the same for the same thing. */
  readonly subject: string;
  /** What is asked for, for those who share the answer. */
  readonly about: About;
  /** What answers for this must have been asked for after then. */
  readonly since: Seq;
  /** Whether the operation asks for the first time with this key. Later requests of an operation are never refused as too many. */
  readonly isFirst: boolean;
  /** Whether the request may use the part of the budget that is kept for those who want nothing from the cache. */
  readonly mayUseReserve: boolean;
  /** What is wanted, if the cache has it by now and it is fresh enough. Is called where there was a wait. */
  readonly lookup: () => T | null;
  /** Aborts when nobody wants the answer any more. */
  readonly signal: Abandonment;
}

/** What is asked for, as plain data. */
export interface About {
  /** The name of the resource. */
  readonly resource: string;
  /** What is asked for, in the words of the resource. */
  readonly what: unknown;
  /** What subjects whose answers may hold each other have in common, and which part of that is asked for. */
  readonly group: string;
  readonly span: Span;
}

/** What the cache has got while a request waited, so that none needs to be sent. */
export interface Served<T> {
  readonly served: T;
}

/** The permission to send one request. */
export interface Permit {
  /** When it was given. */
  readonly askedSeq: Seq;
  /** Whether others may wait for the answer, too: the request is not aborted then when nobody waits here. */
  readonly isShared?: boolean;
  /** Counts the same request once more, where its connection was lost. False where it may not be sent again. */
  retry(): boolean | Promise<boolean>;
  /** Notes that the request was answered, and says when. */
  landed(answer: unknown): Stamp | Promise<Stamp>;
  /** Notes that the request failed or was aborted, and gives the error with what is known of the time to wait. */
  failed(error: unknown): unknown;
  /** The same, where nobody knows whether upstream did what it was asked for (`isUncertain`). Others hear of that first. */
  lost(error: UpstreamError): Promise<unknown>;
  /** Notes that the request was not sent after all. */
  withdraw(): void;
}
