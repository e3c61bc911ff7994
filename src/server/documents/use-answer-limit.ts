import type { ExecutionResult } from 'graphql';
import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { toGraphQLError } from '../../graphql/to-graphql-error.ts';
import { GatewayError } from '../../lib/gateway-error.ts';
import { onEachResult } from '../each-result.ts';
import { measureJson } from './measure-json.ts';

/**
 * Replaces an answer, or an event of a subscription, that would be larger than so many bytes by an error. It must come
 * after all plugins that add to answers.
 */
export function useAnswerLimit(maxBytes: number): Plugin {
  return onEachResult((result) => (measureJson(result, maxBytes) > maxBytes ? refuse(maxBytes) : result));
}

function refuse(max: number): ExecutionResult {
  const message = `The answer must be at most ${max} bytes, got more: ask for fewer jobs or fields at once.`;
  const originalError = new GatewayError('answer-too-large', message, { limit: 'MAX_ANSWER_BYTES', max });
  return { data: null, errors: [toGraphQLError(new GraphQLError(message, { originalError }))] };
}
