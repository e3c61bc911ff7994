import type { IncomingMessage } from 'node:http';

/** The headers of a request of Node, read as those of the Fetch API are, without a copy of all of them. */
export function toNodeHeaders({ headers }: Pick<IncomingMessage, 'headers'>): Pick<Headers, 'get'> {
  return new NodeHeaders(headers);
}

class NodeHeaders implements Pick<Headers, 'get'> {
  readonly #headers: IncomingMessage['headers'];

  constructor(headers: IncomingMessage['headers']) {
    this.#headers = headers;
  }

  /** @param name in lower case, as all names of ours are. */
  get(name: string): string | null {
    const value = this.#headers[name];
    return Array.isArray(value) ? value.join(', ') : (value ?? null);
  }
}
