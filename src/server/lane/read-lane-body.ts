import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';

const BYTE_ORDER_MARK = 0xfeff;

/**
 * Reads the body of a request whose length is known and bounded. Calls back once it is whole, with null where it is not
 * UTF-8; and never where its client leaves before.
 */
export function readLaneBody(request: IncomingMessage, onBody: (body: string | null) => void): void {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => void chunks.push(chunk));
  request.on('end', () => {
    const [first] = chunks;
    const bytes = chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks);
    // The request outlives its body, where it opens an event stream.
    chunks.length = 0;
    onBody(isUtf8(bytes) ? withoutMark(bytes.toString()) : null);
  });
}

function withoutMark(text: string): string {
  return text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text;
}
