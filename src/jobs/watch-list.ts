import { isDeepStrictEqual } from 'node:util';
import type { Credential } from '../auth/credential.ts';
import { AllKeysFailedError } from './all-keys-failed-error.ts';
import { isFailure } from './is-failure.ts';
import { isRefusal } from './is-refusal.ts';
import type { JobConnectionView } from './job-connection.ts';
import { Mailbox } from './mailbox.ts';
import type { WatchHub } from './watch-hub.ts';

/** A page as it is now, or why there will be none any more. */
export type ListNews =
  | { readonly kind: 'page'; readonly page: JobConnectionView }
  | { readonly kind: 'refused'; readonly error: AllKeysFailedError };

export interface ListWatchOptions {
  readonly hub: WatchHub;
  /** The keys whose lists are watched: one at least. */
  readonly credentials: readonly Credential[];
  /** Reads the page as it is now. */
  readonly read: () => Promise<JobConnectionView>;
}

/**
 * Gives a page of a list as it is now, and again whenever anything in it changes. Ends with the refusal of all keys; a
 * fault that may pass ends nothing. For a reader that is slow, only the latest page waits.
 */
export function watchList({ hub, credentials, read }: ListWatchOptions): AsyncIterableIterator<ListNews> {
  let last: unknown = null;
  let unwatch: (() => void) | null = null;
  const news = new Mailbox<ListNews>(() => unwatch?.());

  async function look(): Promise<boolean> {
    try {
      const page = await read();
      const looks = appearanceOf(page);
      if (isDeepStrictEqual(looks, last)) return false;
      last = looks;
      news.put('page', { kind: 'page', page });
      return true;
    } catch (error) {
      if (!(error instanceof AllKeysFailedError)) news.fail(error);
      else if (error.failures.every((failure) => isRefusal(failure.error))) {
        news.put('page', { kind: 'refused', error });
        news.end();
      }
      return false;
    }
  }

  // All keys are looked at together, at the ticks of one: which one must not depend on their order.
  const [first] = credentials.toSorted((a, b) => (a.key.fingerprint < b.key.fingerprint ? -1 : 1));
  if (first !== undefined) unwatch = hub.watcherOf(first.key).watchTicks(look);
  look();
  return news;
}

/** All of a page that a client can see, but for when it was read. */
function appearanceOf({ edges, sources, ...page }: JobConnectionView): unknown {
  return {
    ...page,
    jobs: edges.map(({ node }) => (isFailure(node) ? node.message : { job: node.job, keys: node.keys })),
    sources: sources.map(({ key, result }) => ({ key, result: isFailure(result) ? result.kind : result })),
  };
}
