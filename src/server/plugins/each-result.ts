import type { ExecutionResult } from 'graphql';
import { handleStreamOrSingleExecutionResult, type Plugin } from 'graphql-yoga';

/** The part that the hooks of queries and of subscriptions share. */
export type ResultPayload<Context extends object> = Parameters<
  typeof handleStreamOrSingleExecutionResult<Context>
>[0];

/** Makes of the answer of a query, or of each event of a subscription, what is to be in its place. */
export type ChangeResult<Context> = (result: ExecutionResult, context: Context) => ExecutionResult;

/** What hooks of both do with a result. */
export function changeEach<Context extends object>(change: ChangeResult<Context>) {
  return (payload: ResultPayload<Context>) =>
    handleStreamOrSingleExecutionResult(payload, ({ args, result, setResult }) => {
      const changed = change(result, args.contextValue);
      if (changed !== result) setResult(changed);
    });
}

/** The hooks of a plugin that only changes results. */
export function onEachResult<Context extends object>(
  change: ChangeResult<Context>,
): Pick<Plugin<Context>, 'onExecute' | 'onSubscribe'> {
  const changeResult = changeEach(change);
  return {
    onExecute: () => ({ onExecuteDone: changeResult }),
    onSubscribe: () => ({ onSubscribeResult: changeResult }),
  };
}
