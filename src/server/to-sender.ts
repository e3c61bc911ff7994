import type { IncomingMessage } from 'node:http';
import { KEY_HEADERS } from '../auth/key-headers.ts';
import type { ClientConfig } from '../config/config.ts';
import type { ClientAddresses } from './clients/client-addresses.ts';
import { toClientGroup } from './clients/to-client-group.ts';
import { toNodeHeaders } from './http/node-headers.ts';
import type { Sender } from './http/waiting-line.ts';

/** Tells whom a request comes from, before anything of it is looked at. */
export function toSender(
  request: IncomingMessage,
  addresses: Pick<ClientAddresses, 'find'>,
  { keyRingsPath }: Pick<ClientConfig, 'keyRingsPath'>,
): Sender {
  const headers = toNodeHeaders(request);
  const names = keyRingsPath === null ? KEY_HEADERS : [...KEY_HEADERS, 'authorization'];
  return {
    address: toClientGroup(addresses.find(headers, request.socket.remoteAddress)),
    keys: names
      .map((name) => headers.get(name) ?? '')
      .join(' ')
      .trim(),
  };
}
