/** Where the gateway is, and what to send with each request. */
export interface PostOptions {
  /** The address of the GraphQL endpoint. */
  readonly url: string;
  /** The headers with the key; a function is asked for each request. */
  readonly headers?: Headers | (() => Headers | Promise<Headers>) | undefined;
  readonly fetch: typeof fetch;
}

type Headers = Readonly<Record<string, string>>;

/** Sends an operation, whose answer may be of the media types in `accept`. */
export async function postOperation(
  { url, headers, fetch: send }: PostOptions,
  accept: string,
  body: object,
  signal: AbortSignal | undefined,
): Promise<Response> {
  const own = typeof headers === 'function' ? await headers() : headers;
  return send(url, {
    method: 'POST',
    headers: { ...own, 'content-type': 'application/json', accept },
    body: JSON.stringify(body),
    signal: signal ?? null,
  });
}
