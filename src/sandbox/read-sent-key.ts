/** The headers of a request, by name in any case. */
export type RequestHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Reads the key that a request carries in `X-API-KEY`; an empty text if there is none. */
export function readSentKey(headers: RequestHeaders): string {
  const [, sentKey] = Object.entries(headers).find(([name]) => name.toLowerCase() === 'x-api-key') ?? [];
  return String(sentKey ?? '');
}
