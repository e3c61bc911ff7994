import { isDeepStrictEqual } from 'node:util';
import type { Credential } from '../auth/api-key.ts';
import { isFailure, isRefusal } from '../jobs/failures.ts';
import { KeysFailedError } from '../jobs/keys-failed-error.ts';
import type { Clock } from '../lib/clock.ts';
import { toError } from '../lib/to-error.ts';
import type { JobConnectionView } from '../paging/job-connection.ts';
import { ConflatingStream } from './conflating-stream.ts';
import { jobAgeMs, type PollTimer } from './poll-timer.ts';
import type { Pollers } from './pollers.ts';

/** A page as it is now, or the error after which no page follows. */
export type ListUpdate = ListReading | Error;

/** A page, and whether any of it is older than its ordinary freshness. */
interface ListReading {
  readonly page: JobConnectionView;
  readonly isStale: boolean;
}

export interface ListWatchOptions {
  readonly pollers: Pollers;
  readonly clock: Clock;
  /** The keys whose lists are watched: one at least. */
  readonly credentials: readonly Credential[];
  /** Reads the page as it is now. */
  readonly read: () => Promise<ListReading>;
}

/**
 * A stream of a page of a list: as it is now, and again whenever anything in it changes. It ends with an error when all
 * keys are refused. A failure that may pass is not sent and ends nothing. Only the latest page waits for a slow reader,
 * and none that was read with a key that has meanwhile been refused.
 */
export function watchList(options: ListWatchOptions): AsyncIterableIterator<ListUpdate> {
  const { pollers, clock, credentials, read } = options;
  if (credentials.length === 0) {
    throw new RangeError('A list needs at least one key to be watched with, got none.');
  }
  const stream = new ConflatingStream<ListUpdate>({ onOpen: begin, onClose: () => unsubscribe() });
  let timer: PollTimer | null = null;
  let unsubscribe = () => {};
  let lastVisible: unknown = null;
  let isReading = false;

  function begin(): void {
    timer = pollers.timerOf(credentials.map(({ key }) => key));
    unsubscribe = timer.subscribe(poll, clock.now());
    poll();
  }

  async function poll(): Promise<void> {
    if (isReading) return;
    isReading = true;
    try {
      onReading(await read());
    } catch (error) {
      onError(error);
    } finally {
      isReading = false;
    }
  }

  function onReading(reading: ListReading): void {
    const visible = visiblePartOf(reading.page);
    if (stream.isClosed || isDeepStrictEqual(visible, lastVisible)) return;
    timer?.speedUp(ageOfNewest(reading.page), clock.now());
    lastVisible = visible;
    stream.push('page', reading);
  }

  function onError(error: unknown): void {
    const failures = error instanceof KeysFailedError ? error.failures.map((failure) => failure.error) : [];
    // No failures of keys: a fault of ours, which ends the stream too.
    if (failures.every(isRefusal)) {
      stream.push('page', toError(error, 'A list could not be read.'));
      stream.end();
    } else if (failures.some(({ kind }) => kind === 'unauthenticated')) {
      if (stream.drop(() => true).length > 0) lastVisible = null;
    }
  }

  return stream;
}

/** What clients can see of a page, but for the time at which it was read. */
function visiblePartOf({ edges, sources, ...page }: JobConnectionView): unknown {
  return {
    ...page,
    jobs: edges.map(({ node }) => (isFailure(node) ? node.message : { job: node.job, keys: node.keys })),
    sources: sources.map(({ key, result }) => ({ key, result: isFailure(result) ? result.kind : result })),
  };
}

/** The age of the newest job of a page, in milliseconds. */
function ageOfNewest({ edges }: JobConnectionView): number {
  return Math.min(...edges.map(({ node }) => (isFailure(node) ? Number.POSITIVE_INFINITY : jobAgeMs(node))));
}
