import type { KeyFailure } from '../jobs/all-keys-failed-error.ts';

/** A job, or a key with all that was watched with it, that the service refused while it was watched. */
export class WatchRefusedError extends Error {
  override readonly name = 'WatchRefusedError';
  /** The job: null where the key itself was refused. */
  readonly qrn: string | null;
  readonly failure: KeyFailure;
  /** Whether there were other keys, so that it matters which one failed. */
  readonly isOneOfSeveral: boolean;

  constructor(qrn: string, failure: KeyFailure, isOneOfSeveral: boolean) {
    super(failure.error.message);
    this.qrn = failure.error.kind === 'unauthenticated' ? null : qrn;
    this.failure = failure;
    this.isOneOfSeveral = isOneOfSeveral;
  }
}
