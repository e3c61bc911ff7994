import { AsyncResource } from 'node:async_hooks';
import type { ExecutionResult } from 'graphql';
import { isAsyncIterable, type Plugin, type YogaInitialContext } from 'graphql-yoga';
import type { Logger } from '../../lib/logger.ts';

/**
 * Logs one debug line for each operation whose client leaves before the end. The errors of such an operation are
 * dropped before they are logged: nobody reads them, and they only say that the client left.
 */
export function useAbandonment(logger: Logger): Plugin<YogaInitialContext> {
  const logIfAbandoned = ({ request }: YogaInitialContext) => {
    if (request.signal.aborted) logger.debug({}, 'operation abandoned');
  };
  const end = (context: YogaInitialContext, setResult: SetResult) => {
    dropIfAbandoned(context, setResult);
    logIfAbandoned(context);
  };
  return {
    onExecute: ({ args: { contextValue: context } }) => ({
      onExecuteDone: ({ setResult }) => end(context, setResult),
    }),
    onSubscribe: ({ args: { contextValue: context } }) => ({
      onSubscribeResult({ result, setResult }) {
        if (!isAsyncIterable(result)) return end(context, setResult);
        return {
          onNext: ({ setResult }) => dropIfAbandoned(context, setResult),
          // A connection closes outside of its request, where the logger knows no request id.
          onEnd: AsyncResource.bind(() => logIfAbandoned(context)),
        };
      },
    }),
  };
}

type SetResult = (result: ExecutionResult) => void;

function dropIfAbandoned({ request }: YogaInitialContext, setResult: SetResult): void {
  if (request.signal.aborted) setResult({});
}
