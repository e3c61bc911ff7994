/** What kept the service, or this gateway on its behalf, from answering. `docs/errors.md` explains each. */
export type UpstreamErrorKind =
  | 'unauthenticated'
  | 'forbidden'
  | 'not-found'
  | 'invalid-input'
  | 'rate-limited'
  | 'rejected'
  | 'unavailable'
  | 'timeout'
  | 'invalid-response';

/** One complaint of the service about the input: where, what, and its name. Nothing else of its answer. */
export interface ValidationDetail {
  readonly loc: readonly (string | number)[];
  readonly msg: string;
  readonly type: string;
}

/** The facts about a failure, as far as they are known. */
export interface UpstreamErrorFacts {
  /** The HTTP status of the answer. */
  readonly status?: number | undefined;
  /** The service's own error code, such as `INVALID_API_KEY`. */
  readonly code?: string | undefined;
  /** What the service calls the failed request, for its support. */
  readonly requestId?: string | undefined;
  /** How long to wait before the next try, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  readonly details?: readonly ValidationDetail[] | undefined;
}

/** The one error of this layer. Its message is ours: no text of the service's answer, and no key, stands in it. */
export class UpstreamError extends Error {
  override readonly name = 'UpstreamError';
  readonly kind: UpstreamErrorKind;
  readonly facts: UpstreamErrorFacts;

  constructor(kind: UpstreamErrorKind, message: string, facts: UpstreamErrorFacts = {}) {
    super(message);
    this.kind = kind;
    this.facts = facts;
  }
}

/** The error for an answer that cannot be what the service meant. */
export function invalidResponse(message: string, facts: UpstreamErrorFacts = {}): UpstreamError {
  return new UpstreamError('invalid-response', message, facts);
}
