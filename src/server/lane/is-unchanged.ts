import type { PartitionState } from '../../graphql/change-watch.ts';
import type { JobStore } from '../../store/job-store.ts';

/** What something was made of that is kept. */
export interface MadeOf {
  /** The parts of the cache that it was read from, with how far they had come. */
  readonly states: readonly PartitionState[];
  /** Whether it tells when something was read, so that a reading which changes nothing makes it old, too. */
  readonly tellsReadings: boolean;
}

/** Whether nothing was read since that tells something else, and no key was refused. */
export function isUnchanged({ states, tellsReadings }: MadeOf, store: Pick<JobStore, 'versionOf'>): boolean {
  for (const { partition, content, reading } of states) {
    const version = store.versionOf(partition);
    if (version.content !== content || (tellsReadings && version.reading !== reading)) return false;
  }
  return true;
}
