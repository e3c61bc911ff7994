import type { Plugin, YogaInitialContext } from 'graphql-yoga';
import { resumedOf } from '../lane/resumed-request.ts';
import type { RequestRecords } from '../records/request-records.ts';
import type { RequestTraces } from '../records/request-traces.ts';

/** Follows each request in a span, and its operation in a span of that: see `RequestTrace`. One that is resumed has its spans. */
export function useTracing(traces: RequestTraces, records: RequestRecords): Plugin<YogaInitialContext> {
  return {
    instrumentation: {
      async request({ request }, wrapped) {
        try {
          await wrapped();
          traces.of(request)?.end();
        } catch (error) {
          traces.of(request)?.endFailed(error);
          throw error;
        }
      },
      async operation({ request }, wrapped) {
        const trace = traces.of(request);
        const span = trace?.beginOperation();
        try {
          await wrapped();
          trace?.endOperation(records.of(request)?.operation ?? null);
        } catch (error) {
          span?.endFailed(error);
          throw error;
        }
      },
    },
    onRequest({ request, serverContext }) {
      traces.set(request, resumedOf(serverContext)?.trace ?? traces.open(request));
    },
    onResponse({ request, response }) {
      traces.of(request)?.answered(response.status, records.of(request) !== undefined);
    },
  };
}
