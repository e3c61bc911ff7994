import { TracelessError } from './traceless-error.ts';

/** Why the gateway itself refuses. `docs/errors.md` explains each. */
export type GatewayErrorKind =
  | 'invalid-config'
  | 'invalid-input'
  | 'missing-key'
  | 'unknown-token'
  | 'too-expensive'
  | 'too-complex'
  | 'answer-too-large'
  | 'too-many-streams'
  | 'mutations-disabled'
  | 'keys-failed';

/**
 * The family of the gateway's own errors; those of the qBraid API are the other family, `UpstreamError`. The message is
 * for clients: it says what was required, what arrived and what to do, and never holds a key.
 */
export class GatewayError extends TracelessError {
  override readonly name = 'GatewayError';
  readonly kind: GatewayErrorKind;
  readonly facts: GatewayErrorFacts;

  constructor(kind: GatewayErrorKind, message: string, facts: GatewayErrorFacts = {}) {
    super(message);
    this.kind = kind;
    this.facts = facts;
  }
}

/** What clients are told beside the message, under these names. */
export interface GatewayErrorFacts {
  /** How many upstream requests an operation may cause for each key. */
  readonly maxUpstreamRequests?: number;
  /** The variable that limits what was asked for, its value, and what arrived. */
  readonly limit?: string;
  readonly max?: number;
  readonly got?: number;
  /** The job that a subscription told of. */
  readonly qrn?: string;
}

/** The error for what a client asked for and cannot have. */
export function invalidInput(message: string): GatewayError {
  return new GatewayError('invalid-input', message);
}
