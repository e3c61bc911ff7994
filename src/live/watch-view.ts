import type { Credential } from '../auth/api-key.ts';
import { ConflatingStream, type ConflatingStreamHooks } from './conflating-stream.ts';
import type { Pollers } from './pollers.ts';
import type { MergedView, ReadView, ViewKind } from './view-poller.ts';

/** A view as it is now, or the error after which none follows. */
export type ViewUpdate<View extends MergedView> = View | Error;

export interface ViewWatchOptions<View extends MergedView> extends Pick<ConflatingStreamHooks, 'until'> {
  readonly pollers: Pollers;
  /** The keys to watch with: one at least. */
  readonly credentials: readonly Credential[];
  /** Tells apart what the same keys give, of whatever kind. All who watch the same view share its readings. */
  readonly name: string;
  readonly kind: ViewKind<View>;
  readonly read: ReadView<View>;
}

/** What the stream calls the view, and the error in its place. */
const LATEST = 'latest';

/**
 * A stream of a view: as it is now, and again whenever anything in it changes. It ends with an error when all keys are
 * refused. A failure that may pass is not sent and ends nothing. Only the latest view waits for a slow reader, and none that
 * was read with a key that has meanwhile been refused.
 */
export function watchView<View extends MergedView>(
  options: ViewWatchOptions<View>,
): AsyncIterableIterator<ViewUpdate<View>> {
  const { pollers, credentials, name, kind, read, until } = options;
  if (credentials.length === 0) {
    throw new RangeError('At least one key is needed to watch with, got none.');
  }
  let unsubscribe = () => {};
  const stream = new ConflatingStream<ViewUpdate<View>>({
    onOpen: begin,
    onClose: () => unsubscribe(),
    until,
  });

  function begin(): void {
    unsubscribe = pollers.viewPollerOf(credentials, name, kind).subscribe({
      read,
      onView: (view) => stream.push(LATEST, view),
      onKeyRefused: () => stream.drop(() => true).length > 0,
      onEnd(error) {
        stream.push(LATEST, error);
        stream.end();
      },
    });
  }

  return stream;
}
