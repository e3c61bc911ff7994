import type { ExecutionArgs, ExecutionResult } from 'graphql';
import { maskError } from 'graphql-yoga';
import { completeResult } from '../../graphql/complete-result.ts';
import { execute } from '../../graphql/execute.ts';
import { executeUnrefused } from '../../graphql/execute-unrefused.ts';
import type { GraphQLContext } from '../../graphql/graphql-context.ts';
import type { Logger } from '../../lib/logger.ts';
import { hideSchema } from '../documents/hide-schema.ts';
import { limitAnswer } from '../documents/limit-answer.ts';

export interface ExecutionOptions {
  readonly logger: Logger;
  readonly maxAnswerBytes: number;
  /** Whether errors may tell names of the schema. */
  readonly fieldSuggestions: boolean;
}

/** The text that Yoga masks errors with. */
const MASK = 'Unexpected error.';

/**
 * Executes a query, or an event of a subscription, as the plugins of Yoga do, in their order. Its errors are not masked yet.
 *
 * @param args whose root value is the update, for an event.
 */
export async function executeAndComplete(
  args: ExecutionArgs,
  { maxAnswerBytes, fieldSuggestions }: ExecutionOptions,
): Promise<ExecutionResult> {
  const result = await executeUnrefused(args, execute);
  const told = fieldSuggestions ? result : hideSchema(result);
  return limitAnswer(completeResult(told, args.contextValue as GraphQLContext), maxAnswerBytes);
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
