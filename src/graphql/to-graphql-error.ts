import { GraphQLError, type GraphQLErrorExtensions } from 'graphql';
import { isFailure } from '../jobs/failures.ts';
import { type KeyFailure, KeysFailedError } from '../jobs/keys-failed-error.ts';
import { GatewayError, type GatewayErrorKind } from '../lib/gateway-error.ts';
import type { UpstreamError, UpstreamErrorKind } from '../upstream/upstream-error.ts';
import type { ErrorCode } from './schema.generated.ts';

/** The one table from what the qBraid API did to `extensions.code`. `docs/errors.md` explains each code. */
const UPSTREAM_CODES: Readonly<Record<UpstreamErrorKind, ErrorCode>> = {
  unauthenticated: 'UNAUTHENTICATED',
  forbidden: 'FORBIDDEN',
  'not-found': 'NOT_FOUND',
  'invalid-input': 'BAD_USER_INPUT',
  'rate-limited': 'RATE_LIMITED',
  conflict: 'CONFLICT',
  'not-ready': 'RESULT_NOT_READY',
  rejected: 'UPSTREAM_REJECTED',
  overloaded: 'OVERLOADED',
  unavailable: 'UPSTREAM_UNAVAILABLE',
  timeout: 'GATEWAY_TIMEOUT',
  'invalid-response': 'UPSTREAM_INVALID_RESPONSE',
  'too-large': 'ANSWER_TOO_LARGE',
};

/** The same for what the gateway itself refuses. Null is no code of its own. */
const GATEWAY_CODES: Readonly<Record<GatewayErrorKind, ErrorCode | null>> = {
  'invalid-input': 'BAD_USER_INPUT',
  'missing-key': 'UNAUTHENTICATED',
  'unknown-token': 'UNAUTHENTICATED',
  'too-expensive': 'OPERATION_TOO_EXPENSIVE',
  'too-complex': 'OPERATION_TOO_COMPLEX',
  'answer-too-large': 'ANSWER_TOO_LARGE',
  'too-many-streams': 'TOO_MANY_STREAMS',
  'mutations-disabled': 'MUTATIONS_DISABLED',
  // Has the code of its first failure.
  'keys-failed': null,
  // Ends the process before there are clients.
  'invalid-config': null,
};

/** The `extensions.code` of an upstream error. */
export function codeOf({ kind }: UpstreamError): ErrorCode {
  return UPSTREAM_CODES[kind];
}

/**
 * Gives an error the form that clients see: the same path, a code, and the facts that help. An error without a row in
 * the tables is a fault of ours. It is returned as it is, and the server logs and masks it.
 */
export function toGraphQLError(error: GraphQLError): GraphQLError {
  const { originalError: cause, nodes, path } = error;
  const isOfGraphQL = cause == null || cause instanceof GraphQLError;
  const description = isOfGraphQL ? describeRefusal(error) : describe(cause);
  if (description === null) return error;
  const { message, extensions } = description;
  return new GraphQLError(message, { nodes: nodes ?? null, path: path ?? null, extensions });
}

/** The executor itself refuses only bad input: a variable or an argument of another type. */
function describeRefusal({ message, extensions }: GraphQLError): Description {
  const code: ErrorCode = 'BAD_USER_INPUT';
  return { message, extensions: { code, ...extensions } };
}

interface Description {
  readonly message: string;
  readonly extensions: GraphQLErrorExtensions;
}

function describe(cause: unknown): Description | null {
  if (isFailure(cause)) return describeUpstream(cause);
  if (cause instanceof KeysFailedError) {
    const { message, extensions } = describeFailure(cause.failures[0], cause.failures.length > 1);
    return { message, extensions: { ...extensions, ...cause.facts } };
  }
  if (cause instanceof GatewayError) return describeGateway(cause);
  return null;
}

function describeGateway({ kind, message, facts }: GatewayError): Description | null {
  const code = GATEWAY_CODES[kind];
  return code === null ? null : { message, extensions: { code, ...facts } };
}

/** Describes the error of one key. Where the request has several keys, `extensions.key` names the key. */
export function describeFailure({ label, error }: KeyFailure, isOneOfSeveral: boolean): Description {
  const { message, extensions } = describeUpstream(error);
  return { message, extensions: isOneOfSeveral ? { ...extensions, key: label } : extensions };
}

function describeUpstream(error: UpstreamError): Description {
  const { status, code, requestId, retryAfterMs, details, limit, max } = error.facts;
  return {
    message: error.message,
    extensions: {
      code: codeOf(error),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      ...(details === undefined ? {} : { details }),
      ...(limit === undefined ? {} : { limit, max }),
      upstream: { status: status ?? null, code: code ?? null, requestId: requestId ?? null },
    },
  };
}
