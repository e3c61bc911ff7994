import type { Credential } from '../auth/credential.ts';
import type { JobView } from '../jobs/job-view.ts';
import { type KeyFailure, KeysFailedError, rankOf } from '../jobs/keys-failed-error.ts';
import type { FetchedJob } from '../jobs/list-page.ts';
import { UpstreamError } from '../upstream/upstream-error.ts';

/** Reads a job with one key. Rejects with an {@link UpstreamError} where that key gives none. */
export type ReadJobWith = (credential: Credential) => Promise<FetchedJob>;

/**
 * Reads a job with whichever key may see it: the `likeliest` is asked alone, then all others at once. The first
 * success is the answer, whatever the rest is still waiting for.
 *
 * @throws {KeysFailedError} where no key gave the job. First among its failures stands what the client should
 *   hear: a refusal, since the job exists; else the failure of a key that could not answer; else that there is no job.
 */
export async function findJob(
  credentials: readonly Credential[],
  likeliest: Credential | null,
  readJob: ReadJobWith,
): Promise<JobView> {
  const failures: KeyFailure[] = [];
  const ask = async (credential: Credential): Promise<JobView> => {
    const { label } = credential;
    try {
      return { ...(await readJob(credential)), keys: [label] };
    } catch (error) {
      if (error instanceof UpstreamError) failures.push({ label, error });
      throw error;
    }
  };

  const rounds = [
    credentials.filter((credential) => credential === likeliest),
    credentials.filter((credential) => credential !== likeliest),
  ];
  for (const round of rounds) {
    try {
      return await Promise.any(round.map(ask));
    } catch (error) {
      assertAllRefused(error);
    }
  }
  throw new KeysFailedError(failures.toSorted((a, b) => rankOf(a) - rankOf(b)));
}

/** `Promise.any` also gathers what is no refusal at all: a fault of ours must not be taken for one. */
function assertAllRefused(error: unknown): void {
  const errors: readonly unknown[] = error instanceof AggregateError ? error.errors : [error];
  for (const each of errors) if (!(each instanceof UpstreamError)) throw each;
}
