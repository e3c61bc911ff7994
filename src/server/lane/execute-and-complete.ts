import type { ExecutionResult, GraphQLSchema } from 'graphql';
import { maskError } from 'graphql-yoga';
import { completeResult } from '../../graphql/complete-result.ts';
import { execute } from '../../graphql/execute.ts';
import { executeUnrefused } from '../../graphql/execute-unrefused.ts';
import type { GraphQLContext } from '../../graphql/graphql-context.ts';
import type { Logger } from '../../lib/logger.ts';
import { hideSchema } from '../documents/hide-schema.ts';
import { limitAnswer } from '../documents/limit-answer.ts';
import type { PreparedOperation } from './planned-operations.ts';

/** An operation to execute. */
export interface Execution extends Pick<PreparedOperation, 'operation' | 'params'> {
  readonly context: GraphQLContext;
  /** The update, for an event of a subscription. */
  readonly rootValue?: object;
}

export interface ExecutionOptions {
  readonly schema: GraphQLSchema;
  readonly logger: Logger;
  readonly maxAnswerBytes: number;
  /** Whether errors may tell names of the schema. */
  readonly fieldSuggestions: boolean;
}

/** The text that Yoga masks errors with. */
const MASK = 'Unexpected error.';

/**
 * Executes a query, or an event of a subscription, as the plugins of Yoga do, in their order. Its errors are not masked yet.
 */
export async function executeAndComplete(
  { operation, params, context, rootValue }: Execution,
  { schema, maxAnswerBytes, fieldSuggestions }: ExecutionOptions,
): Promise<ExecutionResult> {
  const args = {
    schema,
    document: operation.document,
    operationName: params.operationName,
    variableValues: params.variables,
    contextValue: context,
    rootValue,
  };
  const result = await executeUnrefused(args, execute);
  const told = fieldSuggestions ? result : hideSchema(result);
  return limitAnswer(completeResult(told, context), maxAnswerBytes);
}

/** Masks what is a fault of ours, and logs it. */
export function maskErrors(result: ExecutionResult, logger: Logger, requestId: string): ExecutionResult {
  if (result.errors === undefined) return result;
  const errors = result.errors.map((error) => {
    const masked = maskError(error, MASK, false) as typeof error;
    if (masked !== error) logger.error({ requestId, err: error }, 'error in an operation');
    return masked;
  });
  return { ...result, errors };
}
