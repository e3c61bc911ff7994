import { createSourceEventStream, type ExecutionArgs } from 'graphql';
import { isAsyncIterable, mapAsyncIterator, type Plugin } from 'graphql-yoga';
import { execute } from '../../graphql/execute.ts';
import { executeUnrefused } from '../../graphql/execute-unrefused.ts';
import type { GraphQLContext } from '../../graphql/graphql-context.ts';

/**
 * Shows nothing that was read with a key which the qBraid API refused before the answer was complete. Such an operation
 * is executed again. By then the refusal is cached, so the second run sends nothing with that key, and each of its
 * fields says `UNAUTHENTICATED`. The jobs of other keys stay: what the first run read with them is cached. Each event
 * of a subscription is treated the same way. What a mutation changes, it changes once.
 */
export function useRefusedKeys(): Plugin<GraphQLContext> {
  return {
    onExecute({ executeFn, setExecuteFn }) {
      setExecuteFn((args) => executeUnrefused(args, executeFn));
    },
    onSubscribe({ setSubscribeFn }) {
      setSubscribeFn(subscribeUnrefused);
    },
  };
}

async function subscribeUnrefused(args: ExecutionArgs) {
  const events = await createSourceEventStream(args);
  if (!isAsyncIterable(events)) return events;
  return mapAsyncIterator(events, (event) => {
    (args.contextValue as GraphQLContext).beginEvent();
    return executeUnrefused({ ...args, rootValue: event }, execute);
  });
}
