import { TracelessError } from '../lib/traceless-error.ts';

/** Why there is no answer. `docs/errors.md` explains each kind. */
export type UpstreamErrorKind =
  | 'unauthenticated'
  | 'forbidden'
  | 'not-found'
  | 'invalid-input'
  | 'rate-limited'
  | 'conflict'
  | 'not-ready'
  | 'rejected'
  | 'overloaded'
  | 'unavailable'
  | 'timeout'
  | 'invalid-response'
  | 'too-large';

/** One complaint of the qBraid API about the input: where, what, and the name of the rule. */
export interface ValidationDetail {
  readonly loc: readonly (string | number)[];
  readonly msg: string;
  readonly type: string;
}

/** The known facts about a failure. */
export interface UpstreamErrorFacts {
  /** The HTTP status of the answer. */
  readonly status?: number | undefined;
  /** The error code of the qBraid API, such as `INVALID_API_KEY`. */
  readonly code?: string | undefined;
  /** The name of the failed request that the support of the qBraid API asks for. */
  readonly requestId?: string | undefined;
  /** How long to wait before the next try, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  readonly details?: readonly ValidationDetail[] | undefined;
  /** The variable that limits the size of the answer, and its value in bytes. */
  readonly limit?: string | undefined;
  readonly max?: number | undefined;
  /** Whether the connection was lost before the answer began: the same request may be sent once more. */
  readonly isConnectionLost?: boolean | undefined;
  /** Whether the request was never sent, so that this says nothing of the qBraid API. */
  readonly isUnsent?: boolean | undefined;
  /** Whether this is an earlier failure, which stands for a request that was not sent. */
  readonly isRepeated?: boolean | undefined;
}

/** The one error of this layer. Its message holds no text of an answer, and no key. */
export class UpstreamError extends TracelessError {
  override readonly name = 'UpstreamError';
  readonly kind: UpstreamErrorKind;
  readonly facts: UpstreamErrorFacts;

  constructor(kind: UpstreamErrorKind, message: string, facts: UpstreamErrorFacts = {}) {
    super(message);
    this.kind = kind;
    this.facts = facts;
  }
}

/** The error for an answer that the gateway cannot use. */
export function invalidResponse(message: string, facts: UpstreamErrorFacts = {}): UpstreamError {
  return new UpstreamError('invalid-response', message, facts);
}
