import type { GraphQLContext, RequestFacts } from '../../graphql/graphql-context.ts';
import { overloadStatusOf } from '../http/overload-status.ts';
import type { RequestRecord } from '../records/request-record.ts';
import type { RequestRecords } from '../records/request-records.ts';
import { stringifyResult } from '../streams/event-text.ts';
import { type AnswerText, toAnswerText } from './answer-text.ts';
import { type ExecutionOptions, executeAndComplete, maskErrors } from './execute-and-complete.ts';
import type { PreparedOperation } from './planned-operations.ts';

export interface ErrorAnswerOptions extends ExecutionOptions {
  readonly records: Pick<RequestRecords, 'answered'>;
}

/** An operation whose plan failed. */
export interface FailedRun {
  readonly request: Pick<RequestFacts, 'signal'> & { readonly requestId: string };
  readonly prepared: Pick<PreparedOperation, 'operation' | 'params'>;
  readonly context: GraphQLContext;
  readonly record: RequestRecord;
}

/**
 * Executes an operation whose plan failed once more, with what was read for it, and answers what Yoga and its plugins would.
 * Gives null where the client has left.
 */
export async function answerWithErrors(
  { request: { requestId, signal }, prepared: { operation, params }, context, record }: FailedRun,
  options: ErrorAnswerOptions,
): Promise<AnswerText | null> {
  const { logger, records } = options;
  if (context.findRefusal()) context.restart();
  else context.rewind();
  const executed = await executeAndComplete({ operation, params, context }, options);
  if (signal.aborted) {
    logger.debug({ requestId }, 'operation abandoned');
    return null;
  }
  const result = maskErrors(executed, logger, requestId);
  records.answered(record, result);
  const http = overloadStatusOf(result);
  if (http === null) return toText(stringifyResult(result));
  return { ...toText(stringifyResult({ errors: result.errors ?? [] })), http };
}

function toText(json: string): AnswerText {
  return toAnswerText(json, Buffer.byteLength(json));
}
