import type { IncomingMessage } from 'node:http';

/** RFC 9112, section 3.2: a name or address, and a port. */
const HOST = /^(?:[\w.~!$&'()*+,;=%-]+|\[[\da-f:.]+\])(?::\d{0,5})?$/i;

/**
 * What is wrong with the address that a request asks for, in words without any of its text, or null. Where it is null,
 * `Host` and target together make a URL.
 */
export function findAddressFault({
  headers: { host },
  rawHeaders,
  url = '',
  httpVersionMinor,
}: Pick<IncomingMessage, 'headers' | 'rawHeaders' | 'url' | 'httpVersionMinor'>): string | null {
  // Only HTTP/1.0 may leave it out.
  if (host === undefined && httpVersionMinor > 0) return 'A request must have a Host header.';
  if (hasSecondHost(rawHeaders)) return 'A request must have only one Host header.';
  if (host !== undefined && !isHost(host)) {
    return 'The Host header must be a name or an address, and a port where there is one.';
  }
  return url.startsWith('/') ? null : 'The target of a request must be a path, such as /graphql.';
}

/** Of several, Node keeps the first. @param rawHeaders names and values in turn */
function hasSecondHost(rawHeaders: readonly string[]): boolean {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    if (name.length === 4 && name.toLowerCase() === 'host') count += 1;
  }
  return count > 1;
}

function isHost(text: string): boolean {
  return HOST.test(text) && URL.canParse(`http://${text}/`);
}
