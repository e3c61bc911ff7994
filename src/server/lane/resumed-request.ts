import type { Resumed } from '../http/lane-listener.ts';
import type { RequestRecord } from '../records/request-record.ts';
import type { RequestTrace } from '../records/request-trace.ts';

/** A request that Yoga goes on with, because the fast lane does not. */
export interface ResumedRequest extends Resumed {
  /** The body, which was read already: null where it is not UTF-8. */
  readonly body: string | null;
  /** Its record, which goes on as well: null where it has none yet. */
  readonly record: RequestRecord | null;
  /** Its spans, which go on, too: null where it has none yet. */
  readonly trace: RequestTrace | null;
}

/** Leaves a request to Yoga. */
export function resume(
  { requestId, body, trace }: Omit<ResumedRequest, 'record'>,
  record: RequestRecord | null = null,
): ResumedRequest {
  return { requestId, body, record, trace };
}

/** Finds the resumed request in the context that a server gives to Yoga: Yoga's types do not know it. */
export function resumedOf(context: { readonly resumed?: ResumedRequest } | object): ResumedRequest | null {
  return 'resumed' in context ? (context.resumed ?? null) : null;
}
