import type { CompiledPlan } from '../../graphql/plan/compile-plan.ts';
import type { PartitionState } from '../../store/change-watch.ts';
import type { JobStore } from '../../store/job-store.ts';

/** What something was made of that is kept. */
export interface MadeOf {
  /** The parts of the cache that it was read from, with how far they had come. */
  readonly states: readonly PartitionState[];
  /** Whether a reading which changes nothing makes it old, too. */
  readonly dependsOnReadings: boolean;
}

/**
 * Whether what a plan makes with so many keys depends on each reading: it tells when something was read, or it has chosen among
 * what several keys know of a job, which a key's first reading of it can change though it contradicts nothing.
 */
export function dependsOnReadings(
  { tellsReadings }: Pick<CompiledPlan, 'tellsReadings'>,
  keys: number,
): boolean {
  return tellsReadings || keys > 1;
}

/** Whether nothing was read since that tells something else, and no key was refused. */
export function isUnchanged(
  { states, dependsOnReadings }: MadeOf,
  store: Pick<JobStore, 'versionOf'>,
): boolean {
  for (const { partition, content, reading } of states) {
    const version = store.versionOf(partition);
    if (version.content !== content || (dependsOnReadings && version.reading !== reading)) return false;
  }
  return true;
}
