import type { Credential } from '../auth/api-key.ts';
import { isFailure } from '../jobs/failures.ts';
import { newerJob } from '../jobs/job-progress.ts';
import { type KeyFailure, KeysFailedError, rankOf } from '../jobs/keys-failed-error.ts';
import type { FetchedJob, JobView } from '../jobs/list-page.ts';
import type { Pollers } from './pollers.ts';

/** A job as it is now, or the error after which it is no longer watched. */
export type JobUpdate = JobView | Error;

export interface JobWatchOptions {
  readonly pollers: Pollers;
  /** The keys to watch with: one at least. */
  readonly credentials: readonly Credential[];
  /** Where the watch came from: see `ReadScope.client`. */
  readonly client: string;
  /** Receives the job at once and whenever it changes. */
  readonly onUpdate: (update: JobUpdate) => void;
  /** Receives a key that the qBraid API does not accept any more. */
  readonly onKeyRefused: (credential: Credential) => void;
}

/**
 * Watches a job with the key that it was last seen with, else with all keys until one sees it. While that key fails, is
 * held or takes long, the other keys are asked too; the first key that gives the job is then the one to watch with.
 * Reports an error once no key may see the job. Returns what ends the watch.
 */
export function watchJob(qrn: string, options: JobWatchOptions): () => void {
  const { pollers, credentials, client, onUpdate, onKeyRefused } = options;
  const watches = new Map<Credential, () => void>();
  const failures = new Map<Credential, KeyFailure>();
  /** What other keys gave, and what may count once the key that saw the job is gone. */
  const ignored = new Map<Credential, FetchedJob>();
  let seenWith: Credential | null = null;
  let latest: FetchedJob | null = null;

  function watchWith(asked: readonly Credential[]): void {
    for (const credential of asked) {
      const unsubscribe = pollers.pollerOf(credential.key).watchJob(qrn, {
        client,
        onOutcome(outcome) {
          if (outcome instanceof Error) onFailure(credential, outcome);
          else onJob(credential, outcome);
        },
        onDelay(isDelayed) {
          if (isDelayed) watchWith(untried());
          else if (credential === seenWith) leaveAllBut(credential);
        },
      });
      watches.set(credential, unsubscribe);
    }
  }

  function untried(): readonly Credential[] {
    return credentials.filter((credential) => !failures.has(credential) && !watches.has(credential));
  }

  function leave(credential: Credential): void {
    watches.get(credential)?.();
    watches.delete(credential);
  }

  function leaveAllBut(kept: Credential): void {
    for (const credential of [...watches.keys()]) if (credential !== kept) leave(credential);
  }

  function onJob(credential: Credential, fetched: FetchedJob): void {
    // A key that is held gives what is cached, which may be older than what another key gave.
    if (latest !== null && credential !== seenWith && isOlder(fetched, latest)) {
      ignored.set(credential, fetched);
      return;
    }
    seenWith = credential;
    latest = fetched;
    leaveAllBut(credential);
    onUpdate(pollers.viewOf(fetched, credential.label));
  }

  function onFailure(credential: Credential, error: Error): void {
    if (!isFailure(error)) {
      onUpdate(error);
      return;
    }
    failures.set(credential, { label: credential.label, error });
    // Whatever another key gives now counts, even if it was read before.
    if (credential === seenWith) latest = null;
    if (error.kind === 'unauthenticated') onKeyRefused(credential);
    if (watches.size === 1) watchWith(untried());
    leave(credential);
    if (watches.size === 0) onUpdate(toRefusal());
    else if (latest === null) takeIgnored();
  }

  /** Takes what did not count when another key gave it: that key has nothing more to say until the job changes. */
  function takeIgnored(): void {
    const [taken] = [...ignored].filter(([credential]) => watches.has(credential));
    if (taken !== undefined) onJob(...taken);
  }

  /** First why the key that saw the job may no longer see it, then in the order of a query for the job. */
  function toRefusal(): KeysFailedError {
    const wasSeenWith = (credential: Credential) => Number(credential === seenWith);
    const inOrder = [...failures].sort(
      ([a, failure], [b, other]) => wasSeenWith(b) - wasSeenWith(a) || rankOf(failure) - rankOf(other),
    );
    const [[, first] = []] = inOrder;
    // A key that is refused is refused for all jobs that were watched with it.
    const isOfKey = first?.error.kind === 'unauthenticated';
    return new KeysFailedError(
      inOrder.map(([, failure]) => failure),
      isOfKey ? {} : { qrn },
    );
  }

  const likeliest = pollers.lastToSee(credentials, qrn);
  watchWith(likeliest === null ? credentials : [likeliest]);
  return () => {
    for (const credential of [...watches.keys()]) leave(credential);
  };
}

function isOlder(fetched: FetchedJob, latest: FetchedJob): boolean {
  return newerJob(latest, fetched, fetched.fetched.seq < latest.fetched.seq) === latest;
}
