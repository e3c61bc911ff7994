import type { components } from '../upstream/qbraid.generated.ts';

/** What is wrong with one parameter. */
export type ValidationFault = components['schemas']['ValidationFault'];

/** Codes of the live qBraid API's error envelope; those not in `openapi/qbraid.yaml` are guesses. */
type RefusalCode =
  | 'NO_VALID_AUTHENTICATION'
  | 'INVALID_API_KEY_FORMAT'
  | 'INVALID_API_KEY'
  | 'FORBIDDEN'
  | 'NOT_FOUND'
  | 'CONFLICT'
  | 'BAD_REQUEST'
  | 'METHOD_NOT_ALLOWED'
  | 'VALIDATION_ERROR'
  | 'RATE_LIMITED'
  | 'SERVICE_UNAVAILABLE';

/** Whatever a refusal needs besides its status, code and message. */
interface RefusalDetails {
  readonly headers?: Readonly<Record<string, string>>;
  readonly faults?: readonly ValidationFault[];
}

/** A request that the simulated service does not grant. Its message goes to the client. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  readonly code: RefusalCode;
  readonly headers: Readonly<Record<string, string>>;
  readonly faults: readonly ValidationFault[];

  constructor(status: number, code: RefusalCode, message: string, details: RefusalDetails = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = details.headers ?? {};
    this.faults = details.faults ?? [];
  }
}
