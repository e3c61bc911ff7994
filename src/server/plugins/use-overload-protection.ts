import type { Plugin } from 'graphql-yoga';
import { parseCredentials } from '../../auth/parse-credentials.ts';
import type { OverloadConfig } from '../../config/config.ts';
import type { ClientAddresses } from '../clients/client-addresses.ts';
import { toErrorResponse } from '../http/http-refusal.ts';
import { OVERLOADED, toRefusalType } from '../http/overloaded.ts';
import { OperationsInFlight } from '../lifecycle/operations-in-flight.ts';

export interface OverloadProtectionOptions {
  readonly config: OverloadConfig;
  readonly addresses: Pick<ClientAddresses, 'of'>;
  /** How late the event loop is, in milliseconds. */
  readonly eventLoopDelayMs: () => number;
}

/**
 * Answers requests at once with HTTP 503 while there are too many in flight, in all or of their client, or while the
 * event loop is late. Nothing of their bodies is read. A request is in flight until it is answered or its event stream is
 * open. Those that would wait too long for their turn do not come so far: see `create-refusal-listener.ts`.
 *
 * It stands before all plugins that do anything for a request but the probes, and after the one that knows addresses.
 */
export function useOverloadProtection(options: OverloadProtectionOptions): Plugin {
  const { config, addresses, eventLoopDelayMs } = options;
  const inFlight = new OperationsInFlight(config.maxOperationsInFlight);
  const endings = new WeakMap<Request, () => void>();
  const begin = (request: Request) => {
    if (inFlight.isFull || eventLoopDelayMs() > config.maxEventLoopDelayMs) return null;
    return inFlight.take(clientOf(request, addresses));
  };
  return {
    instrumentation: {
      // No hook runs for each request that ended: one whose plugin threw has no response.
      async request({ request }, wrapped) {
        try {
          await wrapped();
        } finally {
          endings.get(request)?.();
        }
      },
    },
    onRequest({ request, endResponse, fetchAPI }) {
      const end = begin(request);
      if (end === null) endResponse(refuse(request, fetchAPI.Response));
      else endings.set(request, end);
    },
  };
}

/** Tells clients apart: by their keys, or by their address if they sent none that is well-formed. */
function clientOf(request: Request, addresses: Pick<ClientAddresses, 'of'>): string {
  const fingerprints = fingerprintsOf(request);
  return fingerprints.length > 0 ? fingerprints.join() : addresses.of(request);
}

function fingerprintsOf({ headers }: Request): readonly string[] {
  try {
    return parseCredentials(headers)
      .map(({ key }) => key.fingerprint)
      .sort();
  } catch {
    // The resolvers say what is wrong with the keys.
    return [];
  }
}

function refuse({ headers }: Request, FetchResponse: typeof Response): Response {
  return toErrorResponse(OVERLOADED, FetchResponse, toRefusalType(headers.get('accept')));
}
