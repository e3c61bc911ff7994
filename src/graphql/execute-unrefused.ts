import { type ExecutionArgs, type ExecutionResult, GraphQLError } from 'graphql';
import type { GraphQLContext } from './graphql-context.ts';

/** Executes an operation, or one event of a subscription. */
export type Execute = (args: ExecutionArgs) => ExecutionResult | Promise<ExecutionResult>;

/**
 * Executes an operation until no key is refused during a run. Each further run asks with one key less, or fewer. What a
 * mutation changes, it changes once: see `GraphQLContext.once`. Shows nothing where the key ring of the request was withdrawn
 * meanwhile.
 */
export async function executeUnrefused(args: ExecutionArgs, run: Execute): Promise<ExecutionResult> {
  const context = args.contextValue as GraphQLContext;
  let result = await run(args);
  for (let runs = 1; context.findRefusal(); runs += 1) {
    if (runs > context.session().credentials.length) return refuse(REFUSED_AGAIN);
    context.restart();
    result = await run(args);
  }
  return context.isWithdrawn() ? refuse(WITHDRAWN) : result;
}

/** For a key that the qBraid API accepts and refuses in turn, for longer than a refusal is cached. */
const REFUSED_AGAIN = 'The qBraid API refused a key again while the operation ran: try again later.';

const WITHDRAWN =
  'The token in Authorization was withdrawn while the operation ran: ask the operator of this gateway for another.';

function refuse(message: string): ExecutionResult {
  return { data: null, errors: [new GraphQLError(message, { extensions: { code: 'UNAUTHENTICATED' } })] };
}
