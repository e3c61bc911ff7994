/* global graphqlSse */

/** The gateway completes a stream when a key is refused, or when it restarts. */
const RETRY_MS = 1000;

/** What the gateway answers with one set of keys. Once it is closed, nothing that was asked for before is told any more. */
export class Connection {
  #headers;
  #client;
  #end = new AbortController();

  constructor(headers) {
    this.#headers = headers;
    this.#client = graphqlSse.createClient({ url: '/graphql', headers, retryAttempts: Infinity });
  }

  get isClosed() {
    return this.#end.signal.aborted;
  }

  /** Asks once. Throws where there is no answer, and where the connection is closed. */
  async ask(query, variables) {
    const response = await fetch('/graphql', {
      method: 'POST',
      headers: { ...this.#headers, 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify({ query, variables }),
      signal: this.#end.signal,
    });
    const answer = await response.json();
    this.#end.signal.throwIfAborted();
    return answer;
  }

  /**
   * Calls `next` with each answer to a subscription, and `failed` with the message of what ended it. If the stream ends
   * after an answer, it calls `ended` a moment later, or else subscribes again. Returns a function that ends it.
   */
  watch(query, variables, { next, failed = () => {}, ended }) {
    let hasEnded = false;
    let hasData = false;
    let timer;
    let unsubscribe = () => {};
    const isOver = () => hasEnded || this.isClosed;
    const subscribe = () => {
      if (isOver()) return;
      unsubscribe = this.#client.subscribe(
        { query, variables },
        {
          next: (answer) => {
            if (isOver()) return;
            hasData = answer.data != null;
            next(answer);
          },
          error: (error) => isOver() || failed(messageOf(error)),
          complete: () => {
            if (!isOver() && hasData) timer = setTimeout(ended ?? subscribe, RETRY_MS);
          },
        },
      );
    };
    subscribe();
    return () => {
      hasEnded = true;
      clearTimeout(timer);
      unsubscribe();
    };
  }

  close() {
    this.#end.abort();
    this.#client.dispose();
  }
}

/** An error of the connection, or the errors of an operation that was refused. */
function messageOf(error) {
  return (Array.isArray(error) ? error[0]?.message : error?.message) ?? 'The connection failed';
}
