import type { Credential } from '../../auth/api-key.ts';
import type { OperationObserver, RequestFacts } from '../../graphql/graphql-context.ts';
import { Abandoning } from '../../lib/abandonment.ts';
import type { Span } from '../../lib/tracing.ts';
import type { StoreEvent } from '../../store/store-event.ts';

/** What a client without a request header is known by, and one that refuses what was read before. */
const ORDINARY: RequestFacts['headers'] = { get: () => null };
const WANTS_FRESH: RequestFacts['headers'] = {
  get: (name) => (name === 'cache-control' ? 'no-cache' : null),
};

/** What is noted of the request of a stream, beside its keys. */
export interface StreamFacts extends Pick<RequestFacts, 'client'> {
  readonly requestId: string;
  readonly wantsFresh: boolean;
  /** What is read before the stream is open is a part of this: null without tracing. */
  readonly span: Span | null;
}

/** As much of the request of an open stream as its events need: the request itself is large. */
export class StreamClient implements RequestFacts, OperationObserver {
  readonly requestId: string;
  readonly client: string;
  readonly span: Span | null;
  readonly headers: RequestFacts['headers'];
  readonly readCredentials: () => readonly Credential[];
  readonly #observer: OperationObserver;
  /** How often the store was read until now, by its polls and its events. */
  reads = 0;
  /** Aborts when the stream is over. */
  readonly signal = new Abandoning();

  constructor(
    { requestId, client, wantsFresh, span }: StreamFacts,
    credentials: readonly Credential[],
    observer: OperationObserver,
  ) {
    this.requestId = requestId;
    this.client = client;
    this.span = span;
    this.headers = wantsFresh ? WANTS_FRESH : ORDINARY;
    this.readCredentials = () => credentials;
    this.#observer = observer;
  }

  keysRead(credentials: readonly Credential[]): void {
    this.#observer.keysRead(credentials);
  }

  jobsRead(event: StoreEvent): void {
    this.reads += 1;
    this.#observer.jobsRead(event);
  }

  get observer(): OperationObserver {
    return this;
  }

  leave(): void {
    this.signal.abort(new DOMException('The stream is over.', 'AbortError'));
  }
}
