import type { Credential } from '../auth/api-key.ts';
import { isDisruption, isFailure, isHeld } from '../jobs/failures.ts';
import { hasComeFurther } from '../jobs/job-progress.ts';
import { type KeyFailure, KeysFailedError, noKeyGave } from '../jobs/keys-failed-error.ts';
import { type FetchedJob, type JobView, toJobView } from '../jobs/list-page.ts';
import type { Clock } from '../lib/clock.ts';
import { within } from '../lib/within.ts';

export interface FindOptions {
  /** The keys that may be asked: one at least. */
  readonly credentials: readonly Credential[];
  /** The key that is asked alone at first, of several: null for none. */
  readonly lastToSee: (
    credentials: readonly Credential[],
    qrn: string,
  ) => Credential | null | Promise<Credential | null>;
  /** The job as it was last seen with a key: null where it was not. Asks nobody. */
  readonly lastSeen: (credential: Credential, qrn: string) => FetchedJob | null;
  /**
   * Reads the job with one key. Rejects with an {@link UpstreamError} where that key gives none.
   *
   * @param mayBeStale Whether what is cached will do while the key may not ask, or upstream fails or is slow.
   */
  readonly readJob: (qrn: string, credential: Credential, mayBeStale: boolean) => Promise<FetchedJob>;
  readonly clock: Pick<Clock, 'schedule'>;
}

/** How long the likeliest key is waited for before the others are asked as well, in milliseconds. */
const HEDGE_MS = 2000;

/**
 * Reads a job with whichever key may see it. The likeliest key is asked alone; all others are asked at once where it
 * fails, or does not answer soon. The first success is the answer, whatever the rest is still waiting for. Only if no key
 * answers, or what they answer is behind what was shown, what is cached will do: for the likeliest key while it is slow, for others
 * once they have failed for a while.
 *
 * @throws {KeysFailedError} where no key gave the job. First among its failures stands what the client should hear: a
 *   refusal, since the job exists; else the failure of a key that could not answer; else that there is no job.
 */
export function findJob(qrn: string, options: FindOptions): Promise<JobView> {
  const [only, another] = options.credentials;
  if (only !== undefined && another === undefined) return readAlone(qrn, only, options.readJob);
  return findAmongKeys(qrn, options);
}

async function findAmongKeys(
  qrn: string,
  { credentials, lastToSee, lastSeen, readJob, clock }: FindOptions,
): Promise<JobView> {
  const hint = lastToSee(credentials, qrn);
  const likeliest = hint instanceof Promise ? await hint : hint;
  const failures = new Map<Credential, KeyFailure>();
  const ask = async (credential: Credential, mayBeStale: boolean): Promise<JobView> => {
    const { label } = credential;
    try {
      return toJobView(await readJob(qrn, credential, mayBeStale), label);
    } catch (error) {
      if (isFailure(error)) failures.set(credential, { label, error });
      throw error;
    }
  };
  const others = credentials.filter((credential) => credential !== likeliest);
  const first = likeliest === null ? [] : [ask(likeliest, false)];
  const early = first.length === 0 ? null : await within(HEDGE_MS, clock, anyOf(first));
  if (early !== null) return early;

  const isSlow = likeliest !== null && !failures.has(likeliest);
  const slow = isSlow ? [ask(likeliest, true)] : [];
  const asked = others.map((credential) => ask(credential, false));
  const answer = await anyOf([...first, ...asked, ...slow]);
  // What was shown with a key that fails for a while, or is still slow, is not taken back, even if another key answers.
  const mayHaveMore = credentials.filter((credential) => {
    const error = failures.get(credential)?.error;
    return error === undefined ? credential === likeliest : isHeld(error) || isDisruption(error);
  });
  const hasMore = (credential: Credential) => {
    const shown = lastSeen(credential, qrn);
    return answer === null || (shown !== null && hasComeFurther(shown, answer));
  };
  const wanted = mayHaveMore.filter(hasMore);
  const stale = await anyOf(wanted.map((credential) => ask(credential, true)));
  if (stale !== null) return stale;
  if (answer !== null) return answer;
  throw noKeyGave([...failures.values()]);
}

/** Reads a job with the only key there is: what is cached will do where there is nothing newer. */
async function readAlone(
  qrn: string,
  credential: Credential,
  readJob: FindOptions['readJob'],
): Promise<JobView> {
  const { label } = credential;
  try {
    return toJobView(await readJob(qrn, credential, true), label);
  } catch (error) {
    throw isFailure(error) ? new KeysFailedError([{ label, error }]) : error;
  }
}

/** The first success, or null where all were refused. A fault of ours is not taken for a refusal. */
async function anyOf(asked: readonly Promise<JobView>[]): Promise<JobView | null> {
  // Even of one failure, Promise.any makes an AggregateError with a stack trace.
  const first = asked.length === 1 ? asked[0] : undefined;
  try {
    return await (first ?? Promise.any(asked));
  } catch (error) {
    const errors: readonly unknown[] = error instanceof AggregateError ? error.errors : [error];
    for (const each of errors) if (!isFailure(each)) throw each;
    return null;
  }
}
