import type { ServerResponse } from 'node:http';

/** How long a client may take nothing of an answer that is no event stream: these have a time of their own. */
const UNREAD_TIMEOUT_MS = 60_000;

/** Lets Node close the connection of a client that takes nothing of an answer, which would stay in memory. */
export function closeIfUnread(response: ServerResponse): void {
  response.setTimeout(UNREAD_TIMEOUT_MS);
  // What comes next on the connection may wait for longer. Node then sets the time for which it may be idle.
  response.prependOnceListener('finish', () => response.setTimeout(0));
}
