import type { ErrorCode } from './error-code.ts';

/** One error of an answer, as GraphQL gives it. */
export interface AnswerError {
  readonly message: string;
  readonly path?: readonly (string | number)[] | undefined;
  readonly extensions?: Readonly<Record<string, unknown>> | undefined;
}

/** The gateway, or something before it, refused an operation, or answered it in part. */
export class JobsError<Data = unknown> extends Error {
  override readonly name = 'JobsError';
  /** The HTTP status. */
  readonly status: number;
  /** All errors of the answer: none if the answer is not of the gateway. */
  readonly errors: readonly AnswerError[];
  /** What was answered all the same: fields that failed are null. */
  readonly data: Data | null;
  /** From `Retry-After`, in milliseconds. `retryAfterMs(error)` also looks into the errors. */
  readonly retryAfterMs: number | undefined;

  constructor(response: Response, errors: readonly AnswerError[], data: Data | null = null) {
    super(errors[0]?.message ?? `The answer has the status ${response.status}, and is not of the gateway.`);
    const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
    this.status = response.status;
    this.errors = errors;
    this.data = data;
    this.retryAfterMs = Number.isNaN(seconds) ? undefined : seconds * 1000;
  }

  /** The code of the first error. */
  get code(): ErrorCode | undefined {
    return this.errors[0]?.extensions?.['code'] as ErrorCode | undefined;
  }
}
