/** The parts of a request that a test says; an ordinary one has all others. */
export interface RequestParts {
  /** @default 'POST /graphql HTTP/1.1' */
  readonly line?: string;
  /** Further header lines, which come last. */
  readonly headers?: readonly string[];
  /** @default 'Content-Type: application/json' */
  readonly contentType?: string | null;
  /** @default 'X-API-KEY: alice-key' */
  readonly key?: string | null;
  /** Bytes, as latin1. @default none */
  readonly body?: string;
  /** The line that tells its length: null for none. @default Content-Length */
  readonly length?: string | null;
  /** Whether another request follows on the connection. @default false */
  readonly hasNext?: boolean;
}

/** Writes a request, of latin1. */
export function aRequest({
  line = 'POST /graphql HTTP/1.1',
  headers = [],
  contentType = 'Content-Type: application/json',
  key = 'X-API-KEY: alice-key',
  body = '',
  length = `Content-Length: ${body.length}`,
  hasNext = false,
}: RequestParts): string {
  const lines = [line, 'Host: gateway', contentType, key, length, ...headers];
  if (!hasNext) lines.push('Connection: close');
  return `${lines.filter((text) => text !== null).join('\r\n')}\r\n\r\n${body}`;
}

/** Writes a text as the latin1 of its bytes in UTF-8. */
export function toUtf8(text: string): string {
  return Buffer.from(text).toString('latin1');
}
