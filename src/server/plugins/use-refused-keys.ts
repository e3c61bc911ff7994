import {
  createSourceEventStream,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  GraphQLError,
} from 'graphql';
import { isAsyncIterable, mapAsyncIterator, type Plugin } from 'graphql-yoga';
import type { GraphQLContext } from '../../graphql/graphql-context.ts';

/**
 * Shows nothing that was read with a key which the qBraid API refused before the answer was complete. Such an operation
 * is executed again. By then the refusal is cached, so the second run sends nothing with that key, and each of its
 * fields says `UNAUTHENTICATED`. The jobs of other keys stay: what the first run read with them is cached. Each event
 * of a subscription is treated the same way.
 *
 * A mutation must not be executed twice. The schema has none.
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

type Execute = (args: ExecutionArgs) => ExecutionResult | Promise<ExecutionResult>;

async function subscribeUnrefused(args: ExecutionArgs) {
  const events = await createSourceEventStream(args);
  if (!isAsyncIterable(events)) return events;
  return mapAsyncIterator(events, (event) => executeUnrefused({ ...args, rootValue: event }, execute));
}

/** Executes an operation until no key is refused during a run. Each further run asks with one key less, or fewer. */
async function executeUnrefused(args: ExecutionArgs, run: Execute): Promise<ExecutionResult> {
  const context = args.contextValue as GraphQLContext;
  let result = await run(args);
  for (let runs = 1; context.findRefusal(); runs += 1) {
    if (runs > context.session().credentials.length) return refuse();
    context.restart();
    result = await run(args);
  }
  return result;
}

/** The answer to a key that the qBraid API accepts and refuses in turn, for longer than a refusal is cached. */
function refuse(): ExecutionResult {
  const message = 'The qBraid API refused a key again while the operation ran: try again later.';
  return { data: null, errors: [new GraphQLError(message, { extensions: { code: 'UNAUTHENTICATED' } })] };
}
