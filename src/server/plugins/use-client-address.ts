import type { Plugin } from 'graphql-yoga';
import type { ClientAddresses } from '../clients/client-addresses.ts';
import { socketOf } from '../http/socket-of.ts';

/** Remembers the address of the client of each request. Without a socket there is none. */
export function useClientAddress(addresses: ClientAddresses): Plugin {
  return {
    onRequest({ request, serverContext }) {
      addresses.note(request, socketOf(serverContext).req?.socket.remoteAddress);
    },
  };
}
