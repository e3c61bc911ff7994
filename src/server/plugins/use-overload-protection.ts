import type { Plugin } from 'graphql-yoga';
import type { KeyRings } from '../../auth/key-rings.ts';
import type { ClientAddresses } from '../clients/client-addresses.ts';
import { clientOf, readCredentials } from '../clients/read-credentials.ts';
import { toErrorResponse } from '../http/http-refusal.ts';
import { OVERLOADED, toRefusalType } from '../http/overloaded.ts';
import type { OverloadGuard } from '../lifecycle/overload-guard.ts';

export interface OverloadProtectionOptions {
  readonly guard: OverloadGuard;
  readonly addresses: Pick<ClientAddresses, 'of'>;
  /** The key rings that requests may use; null is none. Clients are told apart by their keys, or else by their address. */
  readonly keyRings: KeyRings | null;
}

/**
 * Answers requests at once with HTTP 503 while there are too many in flight, in all or of their client, or while the
 * event loop is late. Nothing of their bodies is read. A request is in flight until it is answered or its event stream is
 * open. Those that would wait too long for their turn do not come so far: see `create-refusal-listener.ts`.
 *
 * It stands before all plugins that do anything for a request but the probes, and after the one that knows addresses.
 */
export function useOverloadProtection({ guard, addresses, keyRings }: OverloadProtectionOptions): Plugin {
  const endings = new WeakMap<Request, () => void>();
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
      // The resolvers say what is wrong with malformed keys.
      const client = () =>
        clientOf(readCredentials(request.headers, keyRings) ?? []) ?? addresses.of(request);
      const end = guard.begin(client);
      if (end === null) endResponse(refuse(request, fetchAPI.Response));
      else endings.set(request, end);
    },
  };
}

function refuse({ headers }: Request, FetchResponse: typeof Response): Response {
  return toErrorResponse(OVERLOADED, FetchResponse, toRefusalType(headers.get('accept')));
}
