import type { GraphQLParams } from 'graphql-yoga';
import { parseRequestJson } from '../http/parse-request-json.ts';
import { ID_PARAMETERS } from './persisted-documents.ts';

const TEXT_PARAMETERS = ['query', 'operationName'] as const;
const OBJECT_PARAMETERS = ['variables', 'extensions'] as const;

/** The parameters of a request: texts, JSON objects, and the ids of documents. */
export const PARAMETERS: readonly string[] = [...TEXT_PARAMETERS, ...OBJECT_PARAMETERS, ...ID_PARAMETERS];

/**
 * Reads the parameters of a request from the query of its address. An empty one counts as not sent, but for an id.
 *
 * @throws {GraphQLError} status 400 where one should be JSON and is not.
 */
export function parseQueryParameters(query: URLSearchParams): GraphQLParams {
  return Object.fromEntries(sentParameters(query).map(({ name, value }) => [name, value]));
}

/**
 * The body of a POST with the same parameters. What is JSON stays as it was written: to write it anew could change its numbers.
 *
 * @throws {GraphQLError} as above.
 */
export function toBodyOfQuery(query: URLSearchParams): string {
  return `{${sentParameters(query)
    .map(({ name, json }) => `"${name}":${json}`)
    .join(',')}}`;
}

/** A parameter that was sent: its value, and the JSON text of that. */
interface SentParameter {
  readonly name: string;
  readonly value: unknown;
  readonly json: string;
}

function sentParameters(query: URLSearchParams): readonly SentParameter[] {
  const sent: SentParameter[] = [];
  const addText = (name: string, value: string) => sent.push({ name, value, json: JSON.stringify(value) });
  for (const name of ID_PARAMETERS) {
    const text = query.get(name);
    if (text !== null) addText(name, text);
  }
  for (const name of TEXT_PARAMETERS) {
    const text = query.get(name);
    if (text) addText(name, text);
  }
  for (const name of OBJECT_PARAMETERS) {
    const json = query.get(name);
    if (json) sent.push({ name, value: parseRequestJson(json, `The parameter ${name}`), json });
  }
  return sent;
}
