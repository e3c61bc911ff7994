import type { Credential } from '../auth/credential.ts';
import { isFailure } from '../jobs/failures.ts';
import type { JobView } from '../jobs/job-view.ts';
import { type KeyFailure, KeysFailedError, rankOf } from '../jobs/keys-failed-error.ts';
import type { FetchedJob } from '../jobs/list-page.ts';
import type { Outcome } from '../store/job-reader.ts';
import type { Pollers } from './pollers.ts';

/** A job as it is now, or the error after which it is watched no more. */
export type JobUpdate = JobView | Error;

/**
 * Watches a job with whichever of the keys may see it: with the key that it was last seen through, else with all until
 * one sees it. Where that key loses the job, with the others again. Returns what ends the watch.
 */
export function watchJob(
  qrn: string,
  pollers: Pollers,
  credentials: readonly Credential[],
  subscriber: (update: JobUpdate) => void,
): () => void {
  const watches = new Map<Credential, () => void>();
  const failures = new Map<Credential, KeyFailure>();
  let seenWith: Credential | null = null;

  function ask(asked: readonly Credential[]): void {
    for (const credential of asked) {
      const onOutcome = (outcome: Outcome) =>
        outcome instanceof Error ? onFailure(credential, outcome) : onJob(credential, outcome);
      watches.set(credential, pollers.pollerOf(credential.key).watchJob(qrn, onOutcome));
    }
  }

  function leave(left: readonly Credential[]): void {
    for (const credential of left) {
      watches.get(credential)?.();
      watches.delete(credential);
    }
  }

  function onJob(credential: Credential, fetched: FetchedJob): void {
    seenWith = credential;
    leave([...watches.keys()].filter((other) => other !== credential));
    subscriber({ ...fetched, keys: [credential.label] });
  }

  function onFailure(credential: Credential, error: Error): void {
    if (!isFailure(error)) {
      subscriber(error);
      return;
    }
    failures.set(credential, { label: credential.label, error });
    const untried = credentials.filter((other) => !failures.has(other) && !watches.has(other));
    // Before the watch of this key ends: its poller should not end in between.
    ask(untried.length > 0 && watches.size === 1 ? untried : []);
    leave([credential]);
    if (watches.size === 0) subscriber(toRefusal());
  }

  /** First why the key that saw the job does not any more, else what a query for the job would be told first. */
  function toRefusal(): KeysFailedError {
    const wasSeenWith = (credential: Credential) => Number(credential === seenWith);
    const inOrder = [...failures].sort(
      ([a, failure], [b, other]) => wasSeenWith(b) - wasSeenWith(a) || rankOf(failure) - rankOf(other),
    );
    const [[, first] = []] = inOrder;
    // A key that is refused is refused for all that was watched with it.
    const isOfKey = first?.error.kind === 'unauthenticated';
    return new KeysFailedError(
      inOrder.map(([, failure]) => failure),
      isOfKey ? {} : { qrn },
    );
  }

  const likeliest = pollers.lastToSee(credentials, qrn);
  ask(likeliest === null ? credentials : [likeliest]);
  return () => leave([...watches.keys()]);
}
