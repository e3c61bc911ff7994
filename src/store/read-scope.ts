import type { Seq } from '../jobs/seq.ts';
import type { OperationBudget } from './admission/operation-budget.ts';

/** What one operation asks of the reads that it causes for one key. */
export interface ReadScope {
  /** The moment at which the operation began (`JobStore.moment`): what was read since serves it in any case. */
  readonly startedSeq: Seq;
  /** Whether nothing else will do. */
  readonly mustBeFresh: boolean;
  /** Where given, nothing serves that was read longer ago, in milliseconds, though it be ordinarily fresh. */
  readonly maxAgeMs?: number | undefined;
  readonly operationBudget: OperationBudget;
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal | undefined;
  /** Hears of each thing served that is older than its ordinary freshness. */
  readonly markStale: () => void;
}
