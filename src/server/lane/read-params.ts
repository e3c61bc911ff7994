import { isPlainObject } from '../../lib/is-plain-object.ts';
import type { PersistedDocuments } from '../documents/persisted-documents.ts';
import { PARAMETERS } from '../documents/query-parameters.ts';
import { parseRequestJson } from '../http/parse-request-json.ts';

/** What an ordinary body asks for. */
export interface OrdinaryParams {
  /** The text of the document, wherever it was found. */
  readonly query: string;
  readonly operationName: string | null;
  readonly variables: Readonly<Record<string, unknown>>;
}

/**
 * Reads the parameters of an ordinary body, and finds its document: null for one with anything else in it, and for one that
 * is refused. Of `extensions`, nothing but the name of a document means anything here.
 */
export function readParams(
  body: string,
  documents: Pick<PersistedDocuments, 'textOf'>,
): OrdinaryParams | null {
  try {
    return toOrdinaryParams(parseRequestJson(body, 'The body'), documents);
  } catch {
    // Yoga says what is wrong with it.
    return null;
  }
}

function toOrdinaryParams(
  params: unknown,
  documents: Pick<PersistedDocuments, 'textOf'>,
): OrdinaryParams | null {
  if (!isPlainObject(params)) return null;
  const { query = null, operationName = null, variables = null, extensions = null } = params;
  if (operationName === '' || !isTextOrNull(operationName) || !isTextOrNull(query)) return null;
  if (!isObjectOrNull(variables) || !isObjectOrNull(extensions)) return null;
  if (Object.keys(params).some((name) => params[name] != null && !PARAMETERS.includes(name))) return null;
  return { query: documents.textOf({ ...params, query }), operationName, variables: variables ?? {} };
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === 'string';
}

function isObjectOrNull(value: unknown): value is Record<string, unknown> | null {
  return value === null || isPlainObject(value);
}
