import { endianness } from 'node:os';
import { toPlainAddress } from '../../lib/to-plain-address.ts';

/** The timer of a connection that retransmits. A connection whose peer is only full has another timer. */
const RETRANSMITTING = '01';

/** After so many retransmissions the peer has vanished. They take three seconds or more: each wait doubles the last. */
const MIN_RETRANSMITS = 4;

/** Names a connection of this machine. */
export function toConnectionName(localPort: number, remoteAddress: string, remotePort: number): string {
  return `${localPort} ${toPlainAddress(remoteAddress) ?? remoteAddress} ${remotePort}`;
}

/**
 * Lists the names of the connections in a table of Linux (`/proc/net/tcp`, see proc(5)) whose peers acknowledge nothing
 * any more. Nothing else shows them: the system gives up only after a quarter of an hour, and sends no probes while
 * anything is unacknowledged.
 */
export function silentPeersOf(table: string): readonly string[] {
  const [, ...lines] = table.split('\n');
  return lines.flatMap((line) => silentPeerOf(line) ?? []);
}

function silentPeerOf(line: string): string | null {
  // The columns: number, both addresses, state, queues, timer, retransmissions.
  const [, local = '', remote = '', , , timer = '', retransmits = ''] = line.trim().split(/\s+/);
  const isSilent =
    timer.startsWith(`${RETRANSMITTING}:`) && Number.parseInt(retransmits, 16) >= MIN_RETRANSMITS;
  if (!isSilent) return null;
  const [address = '', port = ''] = remote.split(':');
  return toConnectionName(portOf(local), decodeAddress(address), Number.parseInt(port, 16));
}

function portOf(end: string): number {
  return Number.parseInt(end.slice(end.indexOf(':') + 1), 16);
}

/** Decodes an address, which the table shows as words in the byte order of the machine. */
function decodeAddress(hex: string): string {
  const bytes = Buffer.from(hex, 'hex');
  if (endianness() === 'LE') bytes.swap32();
  if (bytes.length === 4) return bytes.join('.');
  return bytes.toString('hex').match(/.{4}/g)?.join(':') ?? '';
}
