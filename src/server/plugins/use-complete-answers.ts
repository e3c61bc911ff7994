import type { Plugin } from 'graphql-yoga';
import { completeResult } from '../../graphql/complete-result.ts';
import type { GraphQLContext } from '../../graphql/graphql-context.ts';
import { changeEach } from './each-result.ts';

/** Completes the answer of a query and each event of a subscription. Yoga logs and masks the errors that are left. */
export function useCompleteAnswers(): Plugin<GraphQLContext> {
  const completeEach = changeEach(completeResult);
  return {
    onExecute: () => ({ onExecuteDone: completeEach }),
    onSubscribe: ({ args }) => ({
      onSubscribeResult(payload) {
        // A quiet stream reads nothing of its own: its next event begins anew.
        (args.contextValue as GraphQLContext).complete();
        return completeEach(payload);
      },
    }),
  };
}
