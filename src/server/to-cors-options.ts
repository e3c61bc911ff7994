import type { YogaServerOptions } from 'graphql-yoga';
import type { ClientConfig } from '../config/config.ts';
import { CSRF_HEADERS } from './plugins/use-csrf-prevention.ts';
import { CLIENT_HEADERS } from './records/client-facts.ts';

type CorsOptions = YogaServerOptions<object, object>['cors'];

/** The headers that pages of other origins may send, beside those that browsers always allow. */
export const ALLOWED_HEADERS: string[] = [
  'cache-control',
  'content-type',
  'x-api-key',
  'x-api-keys',
  'x-request-id',
  'x-operation-cost',
  'x-debug-upstream',
  ...CLIENT_HEADERS,
  ...CSRF_HEADERS,
];

/**
 * Makes the options with which Yoga allows pages of these origins and sends no CORS headers to others. By itself, Yoga
 * answers other origins with `null`, which is the origin of sandboxed frames.
 */
export function toCorsOptions({ corsOrigins }: Pick<ClientConfig, 'corsOrigins'>): CorsOptions {
  if (corsOrigins.length === 0) return false;
  return ({ headers }) =>
    // Pages set the key headers themselves, so the browser needs to add no credentials.
    // With `*`, Yoga answers with the origin of the request, which is an allowed one here.
    isAllowedOrigin(headers.get('origin'), corsOrigins)
      ? { origin: '*', allowedHeaders: ALLOWED_HEADERS, credentials: false }
      : false;
}

/** Whether pages of this origin may read what the gateway answers. */
export function isAllowedOrigin(
  origin: string | null,
  corsOrigins: ClientConfig['corsOrigins'],
): origin is string {
  return origin !== null && corsOrigins.some((allowed) => allowed === '*' || allowed === origin);
}
