import { isFailure } from '../jobs/failures.ts';
import type { KeyFailure } from '../jobs/keys-failed-error.ts';
import type { JobSourceView } from './job-connection.ts';

/** The failures among what several keys gave, in their order. */
export function failuresOf(sources: readonly JobSourceView[]): readonly KeyFailure[] {
  return sources.flatMap(({ key, result }) => (isFailure(result) ? [{ label: key, error: result }] : []));
}
