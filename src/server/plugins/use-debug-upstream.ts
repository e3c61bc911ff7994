import type { Plugin, YogaInitialContext } from 'graphql-yoga';
import type { EndedRequest } from '../records/request-record.ts';
import type { RequestRecords } from '../records/request-records.ts';
import { onEachResult } from './each-result.ts';

/**
 * Shows a client that sends `X-Debug-Upstream: 1` what its operation cost until now, in `extensions.upstream` of the
 * answer or of each event.
 */
export function useDebugUpstream(records: Pick<RequestRecords, 'of'>): Plugin<YogaInitialContext> {
  return onEachResult<YogaInitialContext>((result, { request }) => {
    const record = records.of(request);
    if (record === undefined || request.headers.get('x-debug-upstream') !== '1') return result;
    return { ...result, extensions: { ...result.extensions, upstream: costOf(record) } };
  });
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
