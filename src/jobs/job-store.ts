import type { ApiKey } from '../auth/api-key.ts';
import type { Credential } from '../auth/credential.ts';
import type { Clock } from '../lib/clock.ts';
import type { ListFilter, PageNumber } from '../upstream/job-list.ts';
import type { QbraidClient } from '../upstream/qbraid-client.ts';
import { UpstreamError } from '../upstream/upstream-error.ts';
import type { ListPage, ReadJob } from './list-page.ts';

/** What all requests of the process read jobs through. What it gives for a key was given to that key. */
export interface JobStore {
  /** The jobs with these names, in their order, each by itself a job or why there is none. Never rejects. */
  getJobs(key: ApiKey, qrns: readonly string[]): Promise<readonly (ReadJob | UpstreamError)[]>;

  /**
   * One page of the key's list.
   *
   * @throws {UpstreamError} where the page cannot be read.
   */
  listJobs(key: ApiKey, filter: ListFilter, page: PageNumber): Promise<ListPage>;

  /** Which of these keys the job was last seen through, as far as this process knows. Asks nobody. */
  lastToSee(credentials: readonly Credential[], qrn: string): Credential | null;
}

/** Makes the store of a process. */
export function createJobStore({ client, clock }: { client: QbraidClient; clock: Clock }): JobStore {
  async function getJob(key: ApiKey, qrn: string): Promise<ReadJob | UpstreamError> {
    try {
      return { job: await client.getJob(key, qrn), fetchedAtMs: clock.now() };
    } catch (error) {
      if (error instanceof UpstreamError) return error;
      throw error;
    }
  }

  return {
    getJobs: (key, qrns) => Promise.all(qrns.map((qrn) => getJob(key, qrn))),

    async listJobs(key, filter, page) {
      const { items, total } = await client.listJobs(key, filter, page);
      const fetchedAtMs = clock.now();
      return {
        total,
        items: items.map(({ identity, job }) => ({
          identity,
          job: job instanceof UpstreamError ? job : { job, fetchedAtMs },
        })),
      };
    },

    lastToSee: (credentials) => (credentials.length === 1 ? (credentials[0] ?? null) : null),
  };
}
