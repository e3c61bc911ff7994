import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { holdsKey } from '../../auth/holds-key.ts';

/**
 * The ids of the requests that Yoga serves, for whatever is called on the way. While any is known, Node looks at each promise
 * of the process, which makes all of them slower. So the fast lane hands its ids on by itself, and Yoga's are forgotten with
 * the last response.
 */
class RequestIds {
  readonly #storage = new AsyncLocalStorage<string>();
  /** How many responses are open. */
  #open = 0;

  /** The id of the request that is being served. The logger adds it to each line. */
  get current(): string | undefined {
    return this.#storage.getStore();
  }

  run<T>(id: string, serve: () => T): T {
    return this.#storage.run(id, serve);
  }

  /** Lets ids be known until this response is closed, and what waits for that has been told. */
  knowUntilClosed(response: ServerResponse): void {
    this.#open += 1;
    const forget = () => {
      this.#open -= 1;
      if (this.#open === 0) this.#storage.disable();
    };
    response.once('close', () => setImmediate(forget));
  }
}

export const requestIds = new RequestIds();

/** The header in which clients may send an id, and in which they get it. */
export const REQUEST_ID_HEADER = 'x-request-id';

/** UUIDs, and the ids of tracers and proxies. Keys of qBraid begin with `qbr_`: no id has a `_`. */
const WELL_FORMED = /^[A-Za-z0-9.:-]{1,128}$/;

/** The id of a request: what it sent, if that is well-formed and holds nothing of a key, otherwise a new one. */
export function toRequestId(headers: Pick<Headers, 'get'>): string {
  const sent = headers.get(REQUEST_ID_HEADER) ?? '';
  return WELL_FORMED.test(sent) && !holdsKey(sent, headers) ? sent : randomUUID();
}
