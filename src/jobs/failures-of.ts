import type { UpstreamError } from '../upstream/upstream-error.ts';
import { isFailure } from './failures.ts';
import type { KeyFailure } from './keys-failed-error.ts';

/** What one key gave, by its label: a number of jobs, or why there is none. */
interface Source {
  readonly key: string;
  readonly result: number | UpstreamError;
}

/** The failures among what several keys gave, in their order. */
export function failuresOf(sources: readonly Source[]): readonly KeyFailure[] {
  return sources.flatMap(({ key, result }) => (isFailure(result) ? [{ label: key, error: result }] : []));
}
