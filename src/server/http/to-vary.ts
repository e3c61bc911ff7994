import type { ClientConfig } from '../../config/config.ts';

/** The headers of requests on which answers depend. */
const VARY = ['Accept', 'X-API-KEY', 'X-API-KEYS'];

/** The `Vary` of every answer. */
export function toVary({ corsOrigins }: Pick<ClientConfig, 'corsOrigins'>): string {
  return (corsOrigins.length === 0 ? VARY : [...VARY, 'Origin']).join(', ');
}
