import { GraphQLError } from 'graphql';
import type { ErrorCode } from '../../graphql/schema.generated.ts';
import { toGraphQLError } from '../../graphql/to-graphql-error.ts';
import type { GatewayError, GatewayErrorFacts } from '../../lib/gateway-error.ts';

/** The HTTP status of an answer, and further headers of it. */
export interface HttpStatus {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Why a request is refused before there is an operation to execute. */
export interface HttpRefusal extends HttpStatus {
  readonly code: ErrorCode;
  /** What was required and what to do. Never holds a text of the client. */
  readonly message: string;
  readonly facts?: Pick<GatewayErrorFacts, 'limit' | 'max' | 'got'> & { readonly retryAfterMs?: number };
}

/** Makes the error that Yoga answers with this status and these headers, whatever media type the client accepts. */
export function toHttpError({ status, code, message, facts, headers = {} }: HttpRefusal): GraphQLError {
  return new GraphQLError(message, { extensions: { code, ...facts, http: { status, headers } } });
}

/** The same for a request that is not as it must be. */
export function badRequest(message: string): GraphQLError {
  return toHttpError({ status: 400, code: 'BAD_REQUEST', message });
}

/** The same for what the gateway refuses by one of its own errors. */
export function toRefusal(
  error: GatewayError,
  { status, headers = {} }: HttpStatus = { status: 400 },
): GraphQLError {
  const { message, extensions } = toGraphQLError(new GraphQLError(error.message, { originalError: error }));
  return new GraphQLError(message, { extensions: { ...extensions, http: { status, headers } } });
}

/** Writes the body of the same answer for where Yoga is not reached. */
export function toErrorBody({
  code,
  message,
  facts,
}: Pick<HttpRefusal, 'code' | 'message' | 'facts'>): string {
  return JSON.stringify({ errors: [{ message, extensions: { code, ...facts } }] });
}

/** Makes the whole answer for plugins that give one before Yoga has a result. */
export function toErrorResponse(
  refusal: HttpRefusal,
  FetchResponse: typeof Response,
  mediaType = 'application/json',
): Response {
  const { status, headers } = refusal;
  return new FetchResponse(toErrorBody(refusal), {
    status,
    headers: { 'content-type': `${mediaType}; charset=utf-8`, ...headers },
  });
}
