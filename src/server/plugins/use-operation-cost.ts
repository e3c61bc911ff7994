import type { ExecutionArgs, ExecutionResult } from 'graphql';
import type { Plugin, YogaInitialContext } from 'graphql-yoga';
import { GatewayError } from '../../lib/gateway-error.ts';
import { assertWithin } from '../documents/assert-within.ts';
import { estimateCost } from '../documents/estimate-cost.ts';
import { toRefusal } from '../http/http-refusal.ts';
import { changeEach } from './each-result.ts';

/** A request with this header, and `1` in it, is told what its operation costs. */
const HEADER = 'x-operation-cost';

/**
 * Refuses operations whose answer could have too many fields, before anything of them is executed. Tells clients that
 * ask for it what an operation costs: `extensions: {cost: {estimated, max}}`. It must come before all plugins that replace the
 * executor or complete its answers.
 */
export function useOperationCost(max: number): Plugin<YogaInitialContext> {
  const limit = {
    limit: 'MAX_OPERATION_COST',
    max,
    what: 'fields of an answer',
    advice: 'ask for fewer at once',
  };

  function begin(args: ExecutionArgs): ReturnType<typeof changeEach<YogaInitialContext>> | undefined {
    const estimated = estimateCost(args);
    refuseBeyond(estimated);
    const { request } = args.contextValue as YogaInitialContext;
    if (request.headers.get(HEADER) !== '1') return undefined;
    return changeEach((result) => withCost(result, { estimated, max }));
  }

  function refuseBeyond(estimated: number): void {
    try {
      assertWithin(limit, estimated);
    } catch (error) {
      throw error instanceof GatewayError ? toRefusal(error) : error;
    }
  }

  return {
    onExecute({ args }) {
      const onExecuteDone = begin(args);
      return onExecuteDone && { onExecuteDone };
    },
    onSubscribe({ args }) {
      const onSubscribeResult = begin(args);
      return onSubscribeResult && { onSubscribeResult };
    },
  };
}

function withCost(result: ExecutionResult, cost: object): ExecutionResult {
  return { ...result, extensions: { ...result.extensions, cost } };
}
