import { GraphQLError, type GraphQLErrorExtensions, type GraphQLErrorOptions } from 'graphql';
import { InvalidCredentialsError } from '../auth/invalid-credentials-error.ts';
import { MissingCredentialsError } from '../auth/missing-credentials-error.ts';
import { AllKeysFailedError, type KeyFailure } from '../jobs/all-keys-failed-error.ts';
import { InvalidInputError } from '../jobs/invalid-input-error.ts';
import { isFailure } from '../jobs/is-failure.ts';
import type { UpstreamError, UpstreamErrorKind } from '../upstream/upstream-error.ts';

/** The one table from what the service did to `extensions.code`. `docs/errors.md` explains each code. */
const UPSTREAM_CODES: Readonly<Record<UpstreamErrorKind, string>> = {
  unauthenticated: 'UNAUTHENTICATED',
  forbidden: 'FORBIDDEN',
  'not-found': 'NOT_FOUND',
  'invalid-input': 'BAD_USER_INPUT',
  'rate-limited': 'RATE_LIMITED',
  rejected: 'UPSTREAM_REJECTED',
  unavailable: 'UPSTREAM_UNAVAILABLE',
  timeout: 'GATEWAY_TIMEOUT',
  'invalid-response': 'UPSTREAM_INVALID_RESPONSE',
};

/** The `extensions.code` of an upstream error. */
export function codeOf({ kind }: UpstreamError): string {
  return UPSTREAM_CODES[kind];
}

/**
 * The error as clients see it: in the same place, with a code and the facts that help. A fault of ours tells nothing
 * of itself: `INTERNAL_SERVER_ERROR`.
 */
export function toGraphQLError(error: unknown): GraphQLError {
  if (!(error instanceof GraphQLError)) return fromCause(error, {});
  if (error.originalError == null || error.originalError instanceof GraphQLError) return error;
  return fromCause(error.originalError, { nodes: error.nodes ?? null, path: error.path ?? null });
}

function fromCause(cause: unknown, place: Pick<GraphQLErrorOptions, 'nodes' | 'path'>): GraphQLError {
  const { message, extensions } = describe(cause);
  return new GraphQLError(message, { ...place, extensions });
}

interface Description {
  readonly message: string;
  readonly extensions: GraphQLErrorExtensions;
}

function describe(cause: unknown): Description {
  if (isFailure(cause)) return describeUpstream(cause);
  if (cause instanceof AllKeysFailedError && cause.failures[0]) {
    return describeFailure(cause.failures[0], cause.failures.length > 1);
  }
  if (cause instanceof InvalidInputError || cause instanceof InvalidCredentialsError) {
    return { message: cause.message, extensions: { code: 'BAD_USER_INPUT' } };
  }
  if (cause instanceof MissingCredentialsError) {
    return { message: cause.message, extensions: { code: 'UNAUTHENTICATED' } };
  }
  return { message: 'Unexpected error.', extensions: { code: 'INTERNAL_SERVER_ERROR' } };
}

/** An error of one key, which it names where the request has several. */
export function describeFailure({ label, error }: KeyFailure, isOneOfSeveral: boolean): Description {
  const { message, extensions } = describeUpstream(error);
  return { message, extensions: isOneOfSeveral ? { ...extensions, key: label } : extensions };
}

function describeUpstream(error: UpstreamError): Description {
  const { status, code, requestId, retryAfterMs, details } = error.facts;
  return {
    message: error.message,
    extensions: {
      code: codeOf(error),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      ...(details === undefined ? {} : { details }),
      upstream: { status: status ?? null, code: code ?? null, requestId: requestId ?? null },
    },
  };
}
