import { type ExecutionResult, GraphQLError } from 'graphql';
import { toGraphQLError } from '../../graphql/to-graphql-error.ts';
import { GatewayError } from '../../lib/gateway-error.ts';
import { measureJson } from './measure-json.ts';

/** Gives an answer, or an event, if it is no larger than so many bytes, else an error in its place. */
export function limitAnswer(result: ExecutionResult, maxBytes: number): ExecutionResult {
  return measureJson(result, maxBytes) > maxBytes ? refuse(maxBytes) : result;
}

function refuse(max: number): ExecutionResult {
  const message = `The answer must be at most ${max} bytes, got more: ask for fewer jobs or fields at once.`;
  const originalError = new GatewayError('answer-too-large', message, { limit: 'MAX_ANSWER_BYTES', max });
  return { data: null, errors: [toGraphQLError(new GraphQLError(message, { originalError }))] };
}
