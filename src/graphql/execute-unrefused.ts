import { type ExecutionArgs, type ExecutionResult, GraphQLError } from 'graphql';
import type { GraphQLContext } from './graphql-context.ts';

/** Executes an operation, or one event of a subscription. */
export type Execute = (args: ExecutionArgs) => ExecutionResult | Promise<ExecutionResult>;

/** Executes an operation until no key is refused during a run. Each further run asks with one key less, or fewer. */
export async function executeUnrefused(args: ExecutionArgs, run: Execute): Promise<ExecutionResult> {
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
