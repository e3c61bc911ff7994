import type { UpstreamError } from '../upstream/upstream-error.ts';

/** Why one of a request's keys gave nothing. */
export interface KeyFailure {
  readonly label: string;
  readonly error: UpstreamError;
}

/** No key of the request gave anything: why, for each of them, in the order of the request. */
export class AllKeysFailedError extends Error {
  override readonly name = 'AllKeysFailedError';
  readonly failures: readonly KeyFailure[];

  constructor(failures: readonly KeyFailure[]) {
    super('None of the keys gave an answer.');
    this.failures = failures;
  }
}
