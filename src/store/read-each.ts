import pMap from 'p-map';
import { toError } from '../lib/to-error.ts';
import type { Cached } from './cache/partitioned-cache.ts';
import type { Reader } from './read-scope.ts';
import type { ReadThrough } from './read-through.ts';

/** How many are read at a time: where the first are refused, the rest is never sent. */
const MAX_AT_ONCE = 16;

/**
 * What came of reading each of these subjects, in their order: one request for each that is not cached. Sends none where the
 * operation may not cause all of them: it would spend requests on an answer that is not complete. Never rejects.
 */
export async function readEach<T>(
  resource: ReadThrough<string, Cached<T>>,
  reader: Reader,
  subjects: readonly string[],
): Promise<readonly (T | Error)[]> {
  const cached = subjects.map((subject) => resource.peek(reader, subject));
  const missing = cached.filter((entry) => entry === null).length;
  const refusal = reader.scope.operationBudget.refusalOf(missing);
  const read = async (subject: string, index: number): Promise<T | Error> => {
    const entry = cached[index];
    if (entry != null) return entry.value;
    if (refusal !== null) return refusal;
    return resource.read(reader, subject).then(({ value }) => value, toReadError);
  };
  return pMap(subjects, read, { concurrency: MAX_AT_ONCE });
}

function toReadError(thrown: unknown): Error {
  return toError(thrown, 'Something could not be read.');
}
