import type { IncomingMessage } from 'node:http';
import type { Plugin } from 'graphql-yoga';
import type { ClientAddresses } from '../client-addresses.ts';

/** What Node tells of the connection of a request: nothing where a request comes without one. */
interface Connection {
  readonly req?: Pick<IncomingMessage, 'socket'>;
}

/** Remembers the address of the client of each request, for those who count or log by it. */
export function useClientAddress(addresses: ClientAddresses): Plugin<object, Connection> {
  return {
    onRequest({ request, serverContext }) {
      addresses.note(request, serverContext.req?.socket.remoteAddress);
    },
  };
}
