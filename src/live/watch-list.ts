import type { Credential } from '../auth/api-key.ts';
import { ConflatingStream, type ConflatingStreamHooks } from './conflating-stream.ts';
import type { ListReading, Merged, PageKind, ReadList } from './list-poller.ts';
import type { Pollers } from './pollers.ts';

/** A page as it is now, or the error after which no page follows. */
export type ListUpdate<Page extends Merged> = ListReading<Page> | Error;

export interface ListWatchOptions<Page extends Merged> extends Pick<ConflatingStreamHooks, 'until'> {
  readonly pollers: Pollers;
  /** The keys whose lists are watched: one at least. */
  readonly credentials: readonly Credential[];
  /** Tells what is read with the same keys apart, of whatever kind. All who watch the same page share its readings. */
  readonly page: string;
  readonly kind: PageKind<Page>;
  readonly read: ReadList<Page>;
}

/**
 * A stream of a page of a list: as it is now, and again whenever anything in it changes. It ends with an error when all
 * keys are refused. A failure that may pass is not sent and ends nothing. Only the latest page waits for a slow reader,
 * and none that was read with a key that has meanwhile been refused.
 */
export function watchList<Page extends Merged>(
  options: ListWatchOptions<Page>,
): AsyncIterableIterator<ListUpdate<Page>> {
  const { pollers, credentials, page, kind, read, until } = options;
  if (credentials.length === 0) {
    throw new RangeError('A list needs at least one key to be watched with, got none.');
  }
  let unsubscribe = () => {};
  const stream = new ConflatingStream<ListUpdate<Page>>({
    onOpen: begin,
    onClose: () => unsubscribe(),
    until,
  });

  function begin(): void {
    unsubscribe = pollers.listPollerOf(credentials, page, kind).subscribe({
      read,
      onReading: (reading) => stream.push('page', reading),
      onKeyRefused: () => stream.drop(() => true).length > 0,
      onEnd(error) {
        stream.push('page', error);
        stream.end();
      },
    });
  }

  return stream;
}
