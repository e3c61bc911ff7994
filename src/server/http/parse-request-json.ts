import { parseJson } from '../../lib/parse-json.ts';
import { toHttpError } from './http-refusal.ts';
import { isNestedDeeperThan } from './is-nested-deeper-than.ts';

/** No real variables are nested like that, and whatever walks them may do so by recursion. */
const MAX_DEPTH = 100;

/**
 * Parses what a client sent as JSON.
 *
 * @param place what it is, for the message: such as `The body`.
 * @throws {GraphQLError} status 400, with nothing of the text, if it is no JSON or nested too deeply.
 */
export function parseRequestJson(text: string, place: string): unknown {
  if (isNestedDeeperThan(text, MAX_DEPTH)) {
    const message = `${place} may nest lists and objects ${MAX_DEPTH} deep, and is deeper: send flatter variables.`;
    throw toHttpError({ status: 400, code: 'BAD_REQUEST', message });
  }
  const value = parseJson(text);
  if (value === undefined) {
    throw toHttpError({ status: 400, code: 'BAD_REQUEST', message: `${place} must be JSON, and is not.` });
  }
  return value;
}
