import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../lib/clock.ts';

/** Long enough for a client to read the answer while it still sends. */
const LINGER_MS = 1000;

/**
 * Once a request is answered before all of it arrived, takes the rest and drops it, and after a second closes the
 * connection. To close it at once would keep the answer from clients that read only after they have sent.
 */
export function dropRestOfRequest(request: IncomingMessage, response: ServerResponse, clock: Clock): void {
  response.once('finish', () => {
    if (request.complete) return;
    // Whoever was to read the body has given up. `resume` would be taken back: Node looks for listeners in the next tick.
    request
      .removeAllListeners('readable')
      .removeAllListeners('data')
      .on('data', () => {});
    const cancel = clock.schedule(LINGER_MS, () => request.destroy());
    request.once('close', cancel);
  });
}
