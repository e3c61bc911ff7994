import type { ApiKey } from '../auth/api-key.ts';
import type { Seq, Stamp } from '../jobs/seq.ts';
import type { Abandonment } from '../lib/abandonment.ts';
import type { Span } from '../lib/tracing.ts';
import type { KeyAccount } from './admission/key-account.ts';
import type { OperationBudget } from './admission/operation-budget.ts';
import type { StoreObserver } from './store-event.ts';

/** What one operation asks of the reads that it causes for one key. */
export interface ReadScope {
  /** When the operation began (`JobStore.seq`). What was read since then is fresh to it. */
  readonly startedSeq: Seq;
  /** Whether nothing from the cache will do. */
  readonly mustBeFresh: boolean;
  /**
   * Whether nothing from the cache will do that is older than what others may have been shown since the operation began. An answer may
   * tell how all was at any time since it was asked for; what a stream shows is of now. @default false
   */
  readonly isOfNow?: boolean | undefined;
  /** Where given, nothing older will do, in milliseconds, even if it is ordinarily fresh. */
  readonly maxAgeMs?: number | undefined;
  /**
   * Whether only the cache is asked, and nobody waits (`only-if-cached`, RFC 9111, section 5.2.1.7): what the cache has not,
   * or not fresh enough, is `too-expensive`. Observers hear nothing of such reads. @default false
   */
  readonly onlyIfCached?: boolean | undefined;
  /** Whether what is cached will do, whatever its age, while the key may not ask. @default true */
  readonly mayBeStale?: boolean | undefined;
  /**
   * For how long after its freshness has ended what is cached will do while upstream fails or is slow, in milliseconds
   * (`stale-if-error`, RFC 5861, section 4), if `mayBeStale` and not `mustBeFresh`. @default 0
   */
  readonly staleIfErrorMs?: number | undefined;
  readonly operationBudget: OperationBudget;
  /** An opaque name for the address of the client, which keys that are refused count against; empty where unknown. */
  readonly client: string;
  /** The id of the request that reads, for the log: none where no request does. */
  readonly requestId?: string | undefined;
  /** What its upstream requests are parts of. @default traces of their own */
  readonly span?: Span | null | undefined;
  /** Its signal aborts when nobody waits for the answer any more. Most operations never look: the cache has it all. */
  readonly deadline: { readonly signal: Abandonment } | undefined;
  /** Is called for each answer from the cache that is older than its ordinary freshness. */
  readonly markStale: () => void;
  /** Hears of each answer when it was read, and for how long it is ordinarily fresh, in milliseconds. @default nobody */
  readonly noteReading?: ((read: Stamp, freshMs: number) => void) | undefined;
  /** Hears what becomes of the reads of this operation. @default nobody */
  readonly observe?: StoreObserver | undefined;
}

/** Who reads: a key with its account, for one operation. */
export interface Reader {
  readonly key: ApiKey;
  readonly account: KeyAccount;
  readonly scope: ReadScope;
}
