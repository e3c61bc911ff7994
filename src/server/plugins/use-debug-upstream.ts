import { handleStreamOrSingleExecutionResult, type Plugin, type YogaInitialContext } from 'graphql-yoga';
import type { EndedRequest } from '../records/request-record.ts';
import type { RequestRecords } from '../records/request-records.ts';

/** The part that the hooks of queries and of subscriptions share. */
type Payload = Parameters<typeof handleStreamOrSingleExecutionResult<YogaInitialContext>>[0];

/**
 * Shows a client that sends `X-Debug-Upstream: 1` what its operation cost until now, in `extensions.upstream` of the
 * answer or of each event.
 */
export function useDebugUpstream(records: Pick<RequestRecords, 'of'>): Plugin<YogaInitialContext> {
  const addCost = (payload: Payload) =>
    handleStreamOrSingleExecutionResult(payload, ({ args, result, setResult }) => {
      const { request } = args.contextValue;
      const record = records.of(request);
      if (record === undefined || request.headers.get('x-debug-upstream') !== '1') return;
      setResult({ ...result, extensions: { ...result.extensions, upstream: costOf(record) } });
    });
  return {
    onExecute: () => ({ onExecuteDone: addCost }),
    onSubscribe: () => ({ onSubscribeResult: addCost }),
  };
}

function costOf({ reads, upstreamMs }: Pick<EndedRequest, 'reads' | 'upstreamMs'>) {
  return {
    requests: reads.sent,
    durationMs: Math.round(upstreamMs),
    hits: reads.hit,
    stale: reads.stale,
    joined: reads.joined,
    refused: reads.refused,
    failed: reads.failed,
  };
}
