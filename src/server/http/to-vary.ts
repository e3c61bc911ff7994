import type { ClientConfig } from '../../config/config.ts';

/** The headers of requests on which answers depend. */
const VARY = ['Accept', 'X-API-KEY', 'X-API-KEYS'];

/** The `Vary` of every answer. */
export function toVary({
  corsOrigins,
  keyRingsPath,
}: Pick<ClientConfig, 'corsOrigins' | 'keyRingsPath'>): string {
  const ofKeyRings = keyRingsPath === null ? [] : ['Authorization'];
  const ofPages = corsOrigins.length === 0 ? [] : ['Origin'];
  return [...VARY, ...ofKeyRings, ...ofPages].join(', ');
}
