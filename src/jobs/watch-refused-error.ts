import type { KeyFailure } from './all-keys-failed-error.ts';

/** A job, or without a QRN all jobs of a key, that the service refused while they were watched. */
export class WatchRefusedError extends Error {
  override readonly name = 'WatchRefusedError';
  readonly qrn: string | null;
  readonly failure: KeyFailure;
  /** Whether there were other keys, so that it matters which one failed. */
  readonly isOneOfSeveral: boolean;

  constructor(qrn: string | null, failure: KeyFailure, isOneOfSeveral: boolean) {
    super(failure.error.message);
    this.qrn = qrn;
    this.failure = failure;
    this.isOneOfSeveral = isOneOfSeveral;
  }
}
