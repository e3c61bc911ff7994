import { GatewayError, type GatewayErrorFacts } from '../lib/gateway-error.ts';
import type { UpstreamError } from '../upstream/upstream-error.ts';

/** Why one of a request's keys gave nothing. */
export interface KeyFailure {
  readonly label: string;
  readonly error: UpstreamError;
}

/**
 * None of a request's keys gave an answer. The failures are one for each key that was asked, first the one that tells
 * the client the most.
 */
export class KeysFailedError extends GatewayError {
  readonly failures: readonly [KeyFailure, ...KeyFailure[]];

  constructor(failures: readonly KeyFailure[], facts: Pick<GatewayErrorFacts, 'qrn'> = {}) {
    const [first, ...others] = failures;
    if (first === undefined) throw new RangeError('Keys that failed must be one at least, got none.');
    super('keys-failed', first.error.message, facts);
    this.failures = [first, ...others];
  }
}

/** The error for what no key gave, with the failure first that tells the most of it. */
export function noKeyGave(failures: readonly KeyFailure[]): KeysFailedError {
  return new KeysFailedError(failures.toSorted((a, b) => rankOf(a) - rankOf(b)));
}

/** Whether an error says that there is nothing of the name that was asked for. */
export function isNotFound(error: unknown): boolean {
  return error instanceof KeysFailedError && error.failures[0].error.kind === 'not-found';
}

/** Which of several failures of a job the client should hear: the one with the lowest rank. */
export function rankOf({ error }: KeyFailure): number {
  if (error.kind === 'forbidden') return 0;
  return error.kind === 'not-found' ? 2 : 1;
}
