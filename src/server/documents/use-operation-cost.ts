import type { ExecutionArgs, ExecutionResult } from 'graphql';
import { handleStreamOrSingleExecutionResult, type Plugin, type YogaInitialContext } from 'graphql-yoga';
import { GatewayError } from '../../lib/gateway-error.ts';
import { toRefusal } from '../http/http-refusal.ts';
import { assertWithin } from './assert-within.ts';
import { estimateCost } from './estimate-cost.ts';

/** A request with this header, and `1` in it, is told what its operation costs. */
const HEADER = 'x-operation-cost';

type Payload = Parameters<typeof handleStreamOrSingleExecutionResult<object>>[0];

/**
 * Refuses operations whose answer could have too many fields, before anything of them is executed. Tells clients that
 * ask for it what an operation costs: `extensions: {cost: {estimated, max}}`.
 */
export function useOperationCost(max: number): Plugin<YogaInitialContext> {
  const limit = {
    limit: 'MAX_OPERATION_COST',
    max,
    what: 'fields of an answer',
    advice: 'ask for fewer at once',
  };

  function begin(args: ExecutionArgs): ((payload: Payload) => ReturnType<typeof addToEach>) | undefined {
    const estimated = estimateCost(args);
    refuseBeyond(estimated);
    const { request } = args.contextValue as YogaInitialContext;
    if (request.headers.get(HEADER) !== '1') return undefined;
    return (payload) => addToEach(payload, { estimated, max });
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

function addToEach(payload: Payload, cost: { readonly estimated: number; readonly max: number }) {
  return handleStreamOrSingleExecutionResult(payload, ({ result, setResult }) =>
    setResult(withCost(result, cost)),
  );
}

function withCost(result: ExecutionResult, cost: object): ExecutionResult {
  return { ...result, extensions: { ...result.extensions, cost } };
}
