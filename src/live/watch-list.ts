import { isDeepStrictEqual } from 'node:util';
import type { Credential } from '../auth/credential.ts';
import { isFailure, isRefusal } from '../jobs/failures.ts';
import { KeysFailedError } from '../jobs/keys-failed-error.ts';
import type { Clock } from '../lib/clock.ts';
import type { JobConnectionView } from '../paging/job-connection.ts';
import { ConflatingStream } from './conflating-stream.ts';
import type { PollTimer } from './poll-timer.ts';
import type { Pollers } from './pollers.ts';

/** A page as it is now, or the error after which there will be none any more. */
export type ListUpdate = ListReading | Error;

/** A page, and whether it holds anything that is older than its ordinary freshness. */
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
 * Gives a page of a list as it is now, and again whenever anything in it changes. Ends with the refusal of all keys; a
 * fault that may pass ends nothing. For a reader that is slow, only the latest page waits.
 */
export function watchList(options: ListWatchOptions): AsyncIterableIterator<ListUpdate> {
  const { pollers, clock, credentials, read } = options;
  if (credentials.length === 0)
    throw new RangeError('A list needs one key at least to be watched with, got none.');
  const stream = new ConflatingStream<ListUpdate>({ onOpen: begin, onClose: () => unsubscribe() });
  let timer: PollTimer | null = null;
  let unsubscribe = () => {};
  let last: unknown = null;
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
      if (isTemporary(error)) return;
      stream.push('page', toError(error));
      stream.end();
    } finally {
      isReading = false;
    }
  }

  function onReading(reading: ListReading): void {
    const visible = visiblePartOf(reading.page);
    if (stream.isClosed || isDeepStrictEqual(visible, last)) return;
    timer?.speedUp(newestOf(reading.page), clock.now());
    last = visible;
    stream.push('page', reading);
  }

  return stream;
}

function isTemporary(error: unknown): boolean {
  return error instanceof KeysFailedError && !error.failures.every((failure) => isRefusal(failure.error));
}

function toError(cause: unknown): Error {
  return cause instanceof Error ? cause : new Error('A list could not be read.', { cause });
}

/** All of a page that a client can see, but for when it was read. */
function visiblePartOf({ edges, sources, ...page }: JobConnectionView): unknown {
  return {
    ...page,
    jobs: edges.map(({ node }) => (isFailure(node) ? node.message : { job: node.job, keys: node.keys })),
    sources: sources.map(({ key, result }) => ({ key, result: isFailure(result) ? result.kind : result })),
  };
}

/** When the newest job of a page was created, in milliseconds since the epoch. */
function newestOf({ edges }: JobConnectionView): number {
  const times = edges.map(({ node }) => (isFailure(node) ? null : node.job.createdAt)?.getTime());
  return Math.max(...times.map((time) => time ?? Number.NEGATIVE_INFINITY));
}
