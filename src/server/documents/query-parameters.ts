import type { GraphQLParams } from 'graphql-yoga';
import { parseRequestJson } from '../http/parse-request-json.ts';
import { ID_PARAMETERS } from './persisted-documents.ts';

/** The parameters of a request that are texts, and those that are JSON objects, beside the ids of documents. */
export const TEXT_PARAMETERS = ['query', 'operationName'] as const;
export const OBJECT_PARAMETERS = ['variables', 'extensions'] as const;

/**
 * Reads the parameters of a request from the query of its address. An empty one counts as not sent, but for an id.
 *
 * @throws {GraphQLError} status 400 where one should be JSON and is not.
 */
export function parseQueryParameters(query: URLSearchParams): GraphQLParams {
  const params: Record<string, unknown> = {};
  for (const name of ID_PARAMETERS) params[name] = query.get(name);
  for (const name of TEXT_PARAMETERS) {
    const text = query.get(name);
    if (text) params[name] = text;
  }
  for (const name of OBJECT_PARAMETERS) {
    const text = query.get(name);
    if (text) params[name] = parseParameter(name, text);
  }
  return params;
}

/**
 * The body of a POST with the same parameters. What is JSON stays as it was written: to write it anew could change its numbers.
 *
 * @throws {GraphQLError} as above.
 */
export function toBodyOfQuery(query: URLSearchParams): string {
  const parts: string[] = [];
  for (const name of [...ID_PARAMETERS, ...TEXT_PARAMETERS]) {
    const text = query.get(name);
    const isSent = text !== null && (text !== '' || isId(name));
    if (isSent) parts.push(`"${name}":${JSON.stringify(text)}`);
  }
  for (const name of OBJECT_PARAMETERS) {
    const text = query.get(name);
    if (!text) continue;
    parseParameter(name, text);
    parts.push(`"${name}":${text}`);
  }
  return `{${parts.join(',')}}`;
}

function parseParameter(name: string, text: string): unknown {
  return parseRequestJson(text, `The parameter ${name}`);
}

function isId(name: string): boolean {
  return (ID_PARAMETERS as readonly string[]).includes(name);
}
