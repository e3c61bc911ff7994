import type { YogaServerOptions } from 'graphql-yoga';
import type { Config } from '../config.ts';

type CorsOptions = YogaServerOptions<object, object>['cors'];

/** Headers that browsers may send from other origins, beyond those that they always may. */
const REQUEST_HEADERS = ['cache-control', 'content-type', 'x-api-key', 'x-api-keys', 'x-request-id'];

/**
 * The options that make Yoga let pages of these origins in, and say nothing to others: left to itself, it answers them
 * with `null`, which is the origin of sandboxed frames.
 */
export function toCorsOptions({ corsOrigins }: Pick<Config, 'corsOrigins'>): CorsOptions {
  if (corsOrigins.length === 0) return false;
  return ({ headers }) => {
    const origin = headers.get('origin');
    const isAllowed = corsOrigins.some((allowed) => allowed === '*' || allowed === origin);
    // Keys travel in a header that pages set themselves, so there are no credentials that a browser would add.
    // With `*` Yoga names the origin that asks, which by now is an allowed one.
    return isAllowed ? { origin: '*', allowedHeaders: REQUEST_HEADERS, credentials: false } : false;
  };
}
