import type { Credential } from '../auth/api-key.ts';
import { isFailure } from '../jobs/failures.ts';
import type { Loaders } from './loaders.ts';
import { type JobCountsView, type KeyCounts, mergeCounts } from './merge-counts.ts';

/**
 * Reads how many jobs these keys have, by status: each key by itself, so that one that fails leaves the numbers of the others.
 *
 * @throws {KeysFailedError} where no key gave anything.
 */
export async function readJobCounts(
  credentials: readonly Credential[],
  loaders: Pick<Loaders, 'counts'>,
): Promise<JobCountsView> {
  const read = async (credential: Credential): Promise<KeyCounts> => {
    const { label } = credential;
    try {
      return { label, result: await loaders.counts(credential) };
    } catch (error) {
      if (isFailure(error)) return { label, result: error };
      throw error;
    }
  };
  return mergeCounts(await Promise.all(credentials.map(read)));
}
