import type { Credential } from '../auth/api-key.ts';
import type { FetchedJob, ReadPage } from '../jobs/list-page.ts';

/** The job as it was last seen with a key: null where it was not. Asks nobody. */
export type LastSeen = (credential: Credential, qrn: string) => FetchedJob | null;

/** What a list is read through. */
export interface ListReader {
  /** What reads the pages of one key's part of it. */
  readonly readPageOf: (credential: Credential) => ReadPage;
  readonly lastSeen: LastSeen;
}
