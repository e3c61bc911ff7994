import type { IncomingMessage } from 'node:http';

/** The path of a request that is not yet known to have a URL: what stands before the `?` of its target. */
export function pathOf({ url = '' }: Pick<IncomingMessage, 'url'>): string {
  const [path = ''] = url.split('?', 1);
  return path;
}
