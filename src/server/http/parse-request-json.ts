import { parseJson } from '../../lib/parse-json.ts';
import { findJsonExcess } from './find-json-excess.ts';
import { badRequest } from './http-refusal.ts';

/** No real variables are nested like that, and whatever walks them may do so by recursion. */
const MAX_DEPTH = 100;

/** Each of the errors about a variable writes down all of its names, and there may be fifty. */
const MAX_NAMES = 1000;

/**
 * Parses what a client sent as JSON.
 *
 * @param place what it is, for the message: such as `The body`.
 * @throws {GraphQLError} status 400, with nothing of the text, if it is no JSON, nested too deeply or has too many names.
 */
export function parseRequestJson(text: string, place: string): unknown {
  const excess = findJsonExcess(text, { maxDepth: MAX_DEPTH, maxNames: MAX_NAMES });
  if (excess === 'depth') {
    throw badRequest(
      `${place} may nest lists and objects ${MAX_DEPTH} deep, and is deeper: send flatter variables.`,
    );
  }
  if (excess === 'names') {
    throw badRequest(
      `${place} may have ${MAX_NAMES} names in its objects, and has more: send fewer variables.`,
    );
  }
  const value = parseJson(text);
  if (value === undefined) {
    throw badRequest(`${place} must be JSON, and is not.`);
  }
  return value;
}
