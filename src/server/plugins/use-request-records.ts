import { AsyncResource } from 'node:async_hooks';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isAsyncIterable, type Plugin, type YogaInitialContext } from 'graphql-yoga';
import { socketOf } from '../http/socket-of.ts';
import type { Outcome } from '../records/request-record.ts';
import type { RequestRecords } from '../records/request-records.ts';

/**
 * Keeps the record of each request to the GraphQL endpoint. Over a socket it ends when the response is handed over or
 * its connection closes, so that nothing counts as answered that was not. Without a socket it ends with the response.
 *
 * It stands before all plugins that may refuse a request.
 */
export function useRequestRecords(records: RequestRecords): Plugin<YogaInitialContext> {
  return {
    onRequest({ request, url, serverContext }) {
      if (url.pathname !== '/graphql') return;
      const record = records.start(request);
      const { req, res } = socketOf(serverContext);
      // A connection closes outside of its request, where the logger knows no request id.
      res?.once(
        'close',
        AsyncResource.bind(() => records.end(record, outcomeOf(req, res), res.statusCode)),
      );
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

function outcomeOf(request: IncomingMessage | undefined, response: ServerResponse): Outcome {
  if (response.writableFinished) return 'answered';
  const socket = request?.socket;
  // A client that leaves ends its side, or resets the connection. Otherwise the gateway closed it.
  return socket?.readableEnded || socket?.errored ? 'abandoned' : 'cut';
}
