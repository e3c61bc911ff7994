import type { YogaServerOptions } from 'graphql-yoga';
import type { ClientConfig } from '../../config/config.ts';
import { CLIENT_HEADERS } from '../records/client-facts.ts';
import { REQUEST_ID_HEADER } from '../records/request-ids.ts';
import { CSRF_HEADERS } from './csrf-headers.ts';

type CorsOptions = YogaServerOptions<object, object>['cors'];

/** The headers that pages of other origins may send, beside those that browsers always allow. */
const ALLOWED_HEADERS: readonly string[] = [
  'cache-control',
  'content-type',
  'x-api-key',
  'x-api-keys',
  REQUEST_ID_HEADER,
  'traceparent',
  'x-operation-cost',
  'x-debug-upstream',
  ...CLIENT_HEADERS,
  ...CSRF_HEADERS,
];

/** The headers of an answer that pages of other origins may read, beside those that browsers always show. */
export const EXPOSED_HEADERS: string[] = [REQUEST_ID_HEADER, 'retry-after'];

/** For how long a browser may keep the answer to a preflight, in seconds: a day. Browsers have lower bounds of their own. */
const PREFLIGHT_MAX_AGE_S = 86_400;

/**
 * Makes the options with which Yoga allows pages of these origins and sends no CORS headers to others. By itself, Yoga
 * answers other origins with `null`, which is the origin of sandboxed frames.
 */
export function toCorsOptions(config: Pick<ClientConfig, 'corsOrigins' | 'keyRingsPath'>): CorsOptions {
  const { corsOrigins } = config;
  if (corsOrigins.length === 0) return false;
  // Pages set the key headers themselves, so the browser needs to add no credentials.
  // With `*`, Yoga answers with the origin of the request, which is an allowed one here.
  const allowed = { origin: '*', allowedHeaders: toAllowedHeaders(config), credentials: false };
  const preflight = { ...allowed, maxAge: PREFLIGHT_MAX_AGE_S };
  const answer = { ...allowed, exposedHeaders: EXPOSED_HEADERS };
  return ({ method, headers }) => {
    if (!isAllowedOrigin(headers.get('origin'), corsOrigins)) return false;
    return method === 'OPTIONS' ? preflight : answer;
  };
}

/** The headers that allowed pages may send to a gateway with this configuration. */
export function toAllowedHeaders({ keyRingsPath }: Pick<ClientConfig, 'keyRingsPath'>): string[] {
  return keyRingsPath === null ? [...ALLOWED_HEADERS] : ['authorization', ...ALLOWED_HEADERS];
}

/** Whether pages of this origin may read what the gateway answers. */
export function isAllowedOrigin(
  origin: string | null,
  corsOrigins: ClientConfig['corsOrigins'],
): origin is string {
  return (
    origin !== null &&
    corsOrigins.some((allowed) => allowed === '*' || allowed === origin || isOnAnyPort(origin, allowed))
  );
}

/** Whether an origin is one of `http://localhost:*`: of the same scheme and host, whatever its port. */
function isOnAnyPort(origin: string, allowed: string): boolean {
  if (!allowed.endsWith(':*')) return false;
  const host = allowed.slice(0, -2);
  return (
    origin === host || (origin.startsWith(`${host}:`) && /^\d{1,5}$/.test(origin.slice(host.length + 1)))
  );
}
