import { endianness } from 'node:os';

/** The timer of a connection that sends again what was not acknowledged: not that of one whose peer is merely full. */
const RETRANSMITTING = '01';

/** After so many times nobody is there: three seconds at the earliest, as each wait is twice as long as the last. */
const MIN_RETRANSMITS = 4;

/** Names a connection of this machine. */
export function toConnectionName(localPort: number, remoteAddress: string, remotePort: number): string {
  return `${localPort} ${toPlainAddress(remoteAddress)} ${remotePort}`;
}

/**
 * The names of the connections in one of Linux's tables (`/proc/net/tcp`, see proc(5)) whose peers acknowledge nothing
 * any more. Nothing else tells of them: the system gives up after a quarter of an hour, and its probes rest while
 * anything is unacknowledged.
 */
export function silentPeersOf(table: string): readonly string[] {
  const [, ...lines] = table.split('\n');
  return lines.flatMap((line) => silentPeerOf(line) ?? []);
}

function silentPeerOf(line: string): string | null {
  // Its number, both addresses, its state, its queues, its timer, and how often it sent again.
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

/** The table shows addresses as words in the order of the machine. */
function decodeAddress(hex: string): string {
  const bytes = Buffer.from(hex, 'hex');
  if (endianness() === 'LE') bytes.swap32();
  if (bytes.length === 4) return bytes.join('.');
  return bytes.toString('hex').match(/.{4}/g)?.join(':') ?? '';
}

/** One way to write each address: IPv4 as itself, also where it is mapped into IPv6. */
function toPlainAddress(address: string): string {
  if (!address.includes(':')) return address;
  const { hostname } = new URL(`http://[${address.replace(/%.*/, '')}]`);
  const [, high, low] = /^\[::ffff:([0-9a-f]+):([0-9a-f]+)\]$/.exec(hostname) ?? [];
  if (high === undefined || low === undefined) return hostname;
  return Buffer.from(high.padStart(4, '0') + low.padStart(4, '0'), 'hex').join('.');
}
