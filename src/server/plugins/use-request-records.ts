import { isAsyncIterable, type Plugin, type YogaInitialContext } from 'graphql-yoga';
import { socketOf } from '../http/socket-of.ts';
import { resumedOf } from '../lane/resumed-request.ts';
import { endWithResponse } from '../records/end-with-response.ts';
import type { RequestRecords } from '../records/request-records.ts';

/**
 * Keeps the record of each request to the GraphQL endpoint. Over a socket it ends when the response is handed over or
 * its connection closes. Without a socket it ends with the response.
 *
 * It stands before all plugins that may refuse a request.
 */
export function useRequestRecords(records: RequestRecords): Plugin<YogaInitialContext> {
  return {
    onRequest({ request, url, serverContext }) {
      if (url.pathname !== '/graphql') return;
      const opened = resumedOf(serverContext)?.record ?? null;
      if (opened !== null) return records.adopt(request, opened);
      const record = records.start(request);
      const { req, res } = socketOf(serverContext);
      if (res !== undefined) endWithResponse(records, record, req, res);
    },
    onExecute: ({ args }) => records.begin(args.contextValue.request, args),
    onSubscribe: ({ args }) => records.begin(args.contextValue.request, args),
    onResultProcess({ request, result }) {
      const record = records.of(request);
      if (record && !isAsyncIterable(result) && !Array.isArray(result)) records.answered(record, result);
    },
    onResponse({ request, response, serverContext }) {
      const record = records.of(request);
      if (record === undefined || record.events !== null || socketOf(serverContext).res) return;
      records.end(record, request.signal.aborted ? 'abandoned' : 'answered', response.status);
    },
  };
}
