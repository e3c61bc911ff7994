import type { IncomingMessage } from 'node:http';

/** The headers of a request of Node, read as those of the Fetch API are, without a copy of all of them. */
export function toNodeHeaders({ headers }: Pick<IncomingMessage, 'headers'>): Pick<Headers, 'get'> {
  return {
    get(name) {
      const value = headers[name.toLowerCase()];
      return Array.isArray(value) ? value.join(', ') : (value ?? null);
    },
  };
}
