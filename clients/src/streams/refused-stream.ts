import { hasCode } from '../core/read-errors.ts';
import type { StreamResult } from './stream-progress.ts';

/** The gateway answered a subscription with a status that is no success. */
export class RefusedStream extends Error {
  override readonly name = 'RefusedStream';
  readonly status: number;
  /** Its reasons, as GraphQL errors. */
  readonly errors: NonNullable<StreamResult['errors']>;
  /** From `Retry-After`, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  private constructor(status: number, errors: RefusedStream['errors'], retryAfterMs: number | undefined) {
    super(`The gateway answered the subscription with the status ${status}.`);
    this.status = status;
    this.errors = errors;
    this.retryAfterMs = retryAfterMs;
  }

  /** Reads what a response says about why it is none. */
  static async from(response: Response): Promise<RefusedStream> {
    const body: unknown = await response.json().catch(() => null);
    const errors = (body as StreamResult | null)?.errors ?? [];
    const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
    return new RefusedStream(response.status, errors, Number.isNaN(seconds) ? undefined : seconds * 1000);
  }

  /** Whether another try may succeed: the gateway or a proxy has too much to do, or is being replaced. */
  get isTemporary(): boolean {
    return this.status >= 500 || [408, 425, 429].includes(this.status) || hasCode(this.errors, 'OVERLOADED');
  }
}
