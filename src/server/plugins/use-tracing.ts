import type { Plugin, YogaInitialContext } from 'graphql-yoga';
import type { Span, Tracing } from '../../lib/tracing.ts';
import type { RequestRecords } from '../records/request-records.ts';

/**
 * Follows each request in a span, as a part of the trace that its `traceparent` names, and its operation in a span of
 * that. Of what the client sent, they hold the name and the type of a valid operation.
 */
export function useTracing(tracing: Tracing, records: RequestRecords): Plugin<YogaInitialContext> {
  const spans = new WeakMap<Request, Span>();
  return {
    instrumentation: {
      request({ request }, wrapped) {
        const facts = {
          kind: 'server',
          attributes: { 'http.request.method': request.method },
          traceparent: request.headers.get('traceparent'),
        } as const;
        return tracing.span('HTTP request', facts, (span) => {
          spans.set(request, span);
          return wrapped();
        });
      },
      operation: ({ request }, wrapped) =>
        tracing.span('GraphQL operation', {}, async (span) => {
          await wrapped();
          const operation = records.of(request)?.operation;
          if (!operation) return span.fail('refused');
          const { name, type } = operation;
          span.rename(name === null ? type : `${type} ${name}`);
          span.note({
            'graphql.operation.type': type,
            ...(name === null ? {} : { 'graphql.operation.name': name }),
          });
        }),
    },
    onResponse({ request, response }) {
      const span = spans.get(request);
      if (records.of(request)) span?.rename(`${request.method} /graphql`);
      span?.note({ 'http.response.status_code': response.status });
      if (response.status >= 500) span?.fail(String(response.status));
    },
  };
}
