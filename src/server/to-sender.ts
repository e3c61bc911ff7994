import type { IncomingMessage } from 'node:http';
import type { ClientAddresses } from './clients/client-addresses.ts';
import { toClientGroup } from './clients/to-client-group.ts';
import { toNodeHeaders } from './http/node-headers.ts';
import type { Sender } from './http/waiting-line.ts';

/** Tells whom a request comes from, before anything of it is looked at. */
export function toSender(request: IncomingMessage, addresses: Pick<ClientAddresses, 'find'>): Sender {
  const headers = toNodeHeaders(request);
  return {
    address: toClientGroup(addresses.find(headers, request.socket.remoteAddress)),
    keys: `${headers.get('x-api-key') ?? ''} ${headers.get('x-api-keys') ?? ''}`.trim(),
  };
}
