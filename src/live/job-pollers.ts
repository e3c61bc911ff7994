import type { ApiKey, Credential } from '../auth/api-key.ts';
import type { FetchedJob, JobView } from '../jobs/list-page.ts';
import type { KeyPoller } from './key-poller.ts';

/** What those who watch jobs need of the pollers. */
export interface JobPollers {
  /** The key poller that all who watch jobs with this key share. It ends with its last subscriber. */
  pollerOf(key: ApiKey): KeyPoller;

  /** Which of these keys the job was last seen with, as far as the cache knows. Sends nothing. */
  lastToSee(credentials: readonly Credential[], qrn: string): Credential | null;

  /** A job as it was last seen with a key, by whomever: null where it was not, as far as the cache knows. Sends nothing. */
  lastSeen(key: ApiKey, qrn: string): FetchedJob | null;

  /** A job as it is seen through the key with this label: the same object for all who watch it so. */
  viewOf(fetched: FetchedJob, label: string): JobView;
}
