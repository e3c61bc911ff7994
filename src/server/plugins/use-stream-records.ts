import { AsyncResource } from 'node:async_hooks';
import { isAsyncIterable, type Plugin, type YogaInitialContext } from 'graphql-yoga';
import { socketOf } from '../http/socket-of.ts';
import type { RequestRecords } from '../records/request-records.ts';

/**
 * Notes in the record of a subscription that its stream is open, and each event. Without a socket the record ends with
 * the stream.
 *
 * It stands after the plugins that complete events, so that their errors have codes.
 */
export function useStreamRecords(records: RequestRecords): Plugin<YogaInitialContext> {
  return {
    onSubscribe({ args: { contextValue: context } }) {
      const record = records.of(context.request);
      if (record === undefined) return;
      const end = () => records.end(record, context.request.signal.aborted ? 'abandoned' : 'answered', 200);
      return {
        onSubscribeResult({ result }) {
          if (!isAsyncIterable(result)) return;
          records.streamOpened(record);
          return {
            onNext: ({ result: event }) => records.eventSent(record, event),
            onEnd: socketOf(context).res ? () => {} : AsyncResource.bind(end),
          };
        },
      };
    },
  };
}
