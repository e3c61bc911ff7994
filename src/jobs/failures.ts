import { UpstreamError, type UpstreamErrorKind } from '../upstream/upstream-error.ts';

const REFUSALS: ReadonlySet<UpstreamErrorKind> = new Set([
  'unauthenticated',
  'forbidden',
  'not-found',
  'invalid-input',
]);

/** Whether a value stands for what the qBraid API did not give. */
export function isFailure(value: unknown): value is UpstreamError {
  return value instanceof UpstreamError;
}

/** Whether a failure is the last word of the qBraid API, so that asking again would change nothing. */
export function isRefusal({ kind }: UpstreamError): boolean {
  return REFUSALS.has(kind);
}

/** Whether a failure says something of what was asked for that is the same with every key that may see it. */
export function isOfEveryKey({ kind }: UpstreamError): boolean {
  return kind === 'not-ready' || kind === 'too-large';
}

const UNCERTAIN: ReadonlySet<UpstreamErrorKind> = new Set(['unavailable', 'timeout', 'invalid-response']);

const OUTAGES: ReadonlySet<UpstreamErrorKind> = new Set(['unavailable', 'timeout']);

/** Whether a failure says something of all of upstream, and not only of what was asked for or of the key. */
export function isOutage({ kind }: UpstreamError): boolean {
  return OUTAGES.has(kind);
}

/** Whether a read failed because upstream or the gateway is in trouble: then what is cached may stand in for a while. */
export function isDisruption(error: unknown): boolean {
  return isFailure(error) && (isOutage(error) || error.kind === 'overloaded');
}

/** Whether a read failed because the key may not ask for now: then what is cached is shown, however old. */
export function isHeld(error: unknown): boolean {
  return isFailure(error) && error.kind === 'rate-limited';
}

/** Whether a failure leaves open whether upstream did what it was asked for. */
export function isUncertain({ kind, facts }: UpstreamError): boolean {
  return UNCERTAIN.has(kind) && facts.isUnsent !== true;
}

/** The failure of what was not read in the time that one operation has. */
export function operationTimedOut(timeoutMs: number): UpstreamError {
  return new UpstreamError(
    'timeout',
    `The operation took longer than the ${timeoutMs} ms that it may take: ask for less at once, or try again.`,
    { isUnsent: true },
  );
}
