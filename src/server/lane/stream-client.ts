import type { Credential } from '../../auth/api-key.ts';
import type { OperationObserver, RequestFacts } from '../../graphql/graphql-context.ts';
import type { StoreEvent } from '../../store/store-event.ts';

/** What a client without a request header is known by, and one that refuses what was read before. */
const ORDINARY: RequestFacts['headers'] = { get: () => null };
const WANTS_FRESH: RequestFacts['headers'] = {
  get: (name) => (name === 'cache-control' ? 'no-cache' : null),
};

/** As much of the request of an open stream as its events need: the request itself is large. */
export class StreamClient implements RequestFacts, OperationObserver {
  readonly headers: RequestFacts['headers'];
  readonly readCredentials: () => readonly Credential[];
  readonly keysRead: OperationObserver['keysRead'];
  readonly jobsRead: OperationObserver['jobsRead'];
  /** How often the store was read until now, by its polls and its events. */
  reads = 0;
  #hasLeft = false;
  #controller: AbortController | null = null;

  constructor(observer: OperationObserver, credentials: readonly Credential[], wantsFresh: boolean) {
    this.headers = wantsFresh ? WANTS_FRESH : ORDINARY;
    this.readCredentials = () => credentials;
    this.keysRead = observer.keysRead;
    this.jobsRead = (event: StoreEvent) => {
      this.reads += 1;
      observer.jobsRead(event);
    };
  }

  /** Aborts when the stream is over. Made only where somebody asks. */
  get signal(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController();
      if (this.#hasLeft) this.#controller.abort();
    }
    return this.#controller.signal;
  }

  leave(): void {
    this.#hasLeft = true;
    this.#controller?.abort();
  }
}
