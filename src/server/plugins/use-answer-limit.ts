import type { Plugin } from 'graphql-yoga';
import { limitAnswer } from '../documents/limit-answer.ts';
import { onEachResult } from './each-result.ts';

/**
 * Replaces an answer, or an event of a subscription, that would be larger than so many bytes by an error. It must come
 * after all plugins that add to answers.
 */
export function useAnswerLimit(maxBytes: number): Plugin {
  return onEachResult((result) => limitAnswer(result, maxBytes));
}
