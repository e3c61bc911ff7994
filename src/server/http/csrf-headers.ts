/** Browsers let no page of another site send these without asking first. The names are those of Yoga and of Apollo. */
export const CSRF_HEADERS = ['x-graphql-yoga-csrf', 'apollo-require-preflight', 'x-apollo-operation-name'];

/** Whether a request has one of them. */
export function hasCsrfHeader(headers: Pick<Headers, 'get'>): boolean {
  return CSRF_HEADERS.some((name) => headers.get(name)?.trim());
}
