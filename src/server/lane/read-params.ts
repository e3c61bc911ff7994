import { isPlainObject } from '../../lib/is-plain-object.ts';
import { parseRequestJson } from '../http/parse-request-json.ts';

/** What an ordinary body asks for. */
export interface OrdinaryParams {
  readonly query: string;
  readonly operationName: string | null;
  readonly variables: Readonly<Record<string, unknown>>;
}

const NAMES: ReadonlySet<string> = new Set(['query', 'operationName', 'variables']);

/** Reads the parameters of an ordinary body: null for one with anything else in it, and for one that is refused. */
export function readParams(body: string): OrdinaryParams | null {
  const params = parseOrNull(body);
  if (!isPlainObject(params)) return null;
  const { query, operationName = null, variables = null } = params;
  if (typeof query !== 'string' || operationName === '') return null;
  if (!(operationName === null || typeof operationName === 'string')) return null;
  if (!(variables === null || isPlainObject(variables))) return null;
  if (Object.keys(params).some((name) => params[name] != null && !NAMES.has(name))) return null;
  return { query, operationName, variables: variables ?? {} };
}

function parseOrNull(body: string): unknown {
  try {
    return parseRequestJson(body, 'The body');
  } catch {
    // Yoga says what is wrong with it.
    return null;
  }
}
