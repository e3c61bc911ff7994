import type { ExecutionResult } from 'graphql';
import { handleStreamOrSingleExecutionResult, type Plugin } from 'graphql-yoga';
import type { GraphQLContext } from '../graphql/graphql-context.ts';

/** Changes a result before it is sent. */
export type ChangeResult = (result: ExecutionResult, context: GraphQLContext) => ExecutionResult;

/** A plugin that changes every result: that of a query, and each of a subscription. */
export function onEachResult(change: ChangeResult): Plugin<GraphQLContext> {
  return {
    onExecute: ({ args }) => ({
      onExecuteDone: (payload) =>
        handleStreamOrSingleExecutionResult(payload, ({ result, setResult }) =>
          setResult(change(result, args.contextValue)),
        ),
    }),
    onSubscribe: ({ args }) => ({
      onSubscribeResult: (payload) =>
        handleStreamOrSingleExecutionResult(payload, ({ result, setResult }) =>
          setResult(change(result, args.contextValue)),
        ),
    }),
  };
}
