import type { GraphQLParams, Plugin } from 'graphql-yoga';
import { isPlainObject } from '../../lib/is-plain-object.ts';
import { PARAMETERS, parseQueryParameters } from '../documents/query-parameters.ts';
import { badRequest, type HttpRefusal, toHttpError } from '../http/http-refusal.ts';
import { parseRequestJson } from '../http/parse-request-json.ts';
import { notText, readRequestText } from '../http/read-request-text.ts';
import { resumedOf } from '../lane/resumed-request.ts';

const UNSUPPORTED = {
  status: 415,
  code: 'UNSUPPORTED_MEDIA_TYPE',
  headers: { accept: 'application/json' },
} as const;

/**
 * Takes operations from the body of a POST, as JSON only, and from the query of a GET. It stands in for the parsers of
 * Yoga, which also take forms and plain documents, read bodies of other sizes, and quote what they cannot parse.
 */
export function useJsonRequests({ maxBodyBytes }: { readonly maxBodyBytes: number }): Plugin {
  return {
    onRequestParse({ request, url, setRequestParser, serverContext }) {
      if (request.method === 'GET') setRequestParser(() => parseQueryParameters(url.searchParams));
      if (request.method !== 'POST') return;
      const refusal = refuseMediaType(request);
      if (refusal !== null) throw toHttpError(refusal);
      const resumed = resumedOf(serverContext);
      setRequestParser(async () => {
        if (resumed === null) return parseBody(await readRequestText(request, maxBodyBytes));
        if (resumed.body === null) throw notText();
        return parseBody(resumed.body);
      });
    },
  };
}

function refuseMediaType({ headers }: Request): HttpRefusal | null {
  const mediaType = headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (mediaType !== 'application/json') {
    const message = 'A POST must have a JSON body: send it with Content-Type: application/json.';
    return { ...UNSUPPORTED, message };
  }
  const encoding = headers.get('content-encoding')?.trim().toLowerCase() ?? 'identity';
  if (encoding === 'identity') return null;
  return { ...UNSUPPORTED, message: 'The body must not be compressed: send it without Content-Encoding.' };
}

function parseBody(text: string): GraphQLParams {
  const params = parseRequestJson(text, 'The body');
  if (Array.isArray(params)) {
    throw badRequest('The body must be one operation, got a list: send each one in a request of its own.');
  }
  if (!isPlainObject(params)) throw badRequest('The body must be a JSON object.');
  // Yoga would quote the name of the other parameter.
  if (Object.keys(params).some((name) => params[name] != null && !PARAMETERS.includes(name))) {
    throw badRequest(`The body may have only ${PARAMETERS.join(', ')}, got another parameter: leave it out.`);
  }
  return params as GraphQLParams;
}
